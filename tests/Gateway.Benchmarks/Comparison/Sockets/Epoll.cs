using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Gateway.Benchmarks.Comparison.Sockets;

/// <summary>epoll(7), level-triggered: which of many descriptors can be read.</summary>
internal sealed partial class Epoll : IDisposable
{
    private const int Capacity = 256;
    private const int ControlAdd = 1;
    private const uint In = 0x1;

    // The kernel's struct epoll_event is packed on x64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly int _descriptor = Checked(Create(0));
    private readonly byte[] _ready = new byte[Capacity * EventSize];

    /// <summary>Tells of <paramref name="descriptor"/> from now on, until it is closed.</summary>
    public void Add(int descriptor) => Control(ControlAdd, descriptor, In);

    /// <summary>Waits until one can be read, and at most as long as told, less the part of a millisecond: whoever waits for a moment comes too early rather than too late. Returns how many.</summary>
    public int Wait(TimeSpan atMost)
    {
        var count = Wait(_descriptor, ref _ready[0], Capacity, (int)Math.Max(atMost.TotalMilliseconds, 0));
        return Math.Max(count, 0); // a signal may have come between
    }

    /// <summary>The descriptor of one of those that <see cref="Wait(TimeSpan)"/> counted.</summary>
    public int Ready(int index) => BinaryPrimitives.ReadInt32LittleEndian(_ready.AsSpan(index * EventSize + DataOffset));

    public void Dispose() => _ = Close(_descriptor);

    private void Control(int operation, int descriptor, uint events)
    {
        Span<byte> entry = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, events);
        BinaryPrimitives.WriteInt32LittleEndian(entry[DataOffset..], descriptor);
        Checked(Control(_descriptor, operation, descriptor, ref entry[0]));
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int descriptor, ref byte entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int epoll, ref byte events, int capacity, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
