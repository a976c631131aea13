using System.Runtime.InteropServices;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>What a descriptor is ready for (<c>epoll_ctl</c>(2)).</summary>
[Flags]
internal enum EpollEvents : uint
{
    None = 0,
    Readable = 1,
    Writable = 4,
    Error = 8,
    BothEnded = 0x10,
    PeerEnded = 0x2000,
    EdgeTriggered = 1u << 31,
}

/// <summary>
/// Where the two fields of <c>struct epoll_event</c> lie. It is packed on x86-64 alone, so that 32-bit programs see the same;
/// elsewhere the 64 bits of data are aligned.
/// </summary>
internal readonly struct EpollEventLayout(Architecture architecture)
{
    /// <summary>That of this machine.</summary>
    public static readonly EpollEventLayout Current = new(RuntimeInformation.ProcessArchitecture);

    public int DataOffset { get; } = architecture == Architecture.X64 ? 4 : 8;

    public int Size => DataOffset + sizeof(ulong);

    public void Write(Span<byte> target, EpollEvents events, ulong data)
    {
        MemoryMarshal.Write(target, in events);
        MemoryMarshal.Write(target[DataOffset..], in data);
    }

    public (EpollEvents Events, ulong Data) Read(ReadOnlySpan<byte> source) =>
        (MemoryMarshal.Read<EpollEvents>(source), MemoryMarshal.Read<ulong>(source[DataOffset..]));
}
