using System.Runtime.InteropServices;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// All native calls, and the constants they take: those of Linux on x86-64 and arm64, which are alike but for
/// <see cref="EpollEventLayout"/>. See the manual's pages of the same names (section 2).
/// </summary>
internal static unsafe partial class Libc
{
    public const int InterruptedError = 4; // EINTR
    public const int TryAgainError = 11; // EAGAIN
    public const int NoMemoryError = 12; // ENOMEM
    public const int SystemDescriptorsError = 23; // ENFILE
    public const int ProcessDescriptorsError = 24; // EMFILE
    public const int NoBuffersError = 105; // ENOBUFS
    public const int InProgressError = 115; // EINPROGRESS

    public const int StreamSocket = 1; // SOCK_STREAM
    public const int NonBlocking = 0x800; // SOCK_NONBLOCK, EFD_NONBLOCK
    public const int CloseOnExec = 0x80000; // SOCK_CLOEXEC, EFD_CLOEXEC, EPOLL_CLOEXEC
    public const int ShutdownWrite = 1; // SHUT_WR
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int Peek = 2; // MSG_PEEK
    public const int Discard = 0x20; // MSG_TRUNC: on a TCP socket nothing is copied (tcp(7))
    public const int DescriptorLimit = 7; // RLIMIT_NOFILE

    public const int SocketLevel = 1; // SOL_SOCKET
    public const int PendingError = 4; // SO_ERROR
    public const int Linger = 13; // SO_LINGER
    public const int TcpLevel = 6; // IPPROTO_TCP
    public const int NoDelay = 1; // TCP_NODELAY

    public const int AddToEpoll = 1; // EPOLL_CTL_ADD
    public const int ChangeInEpoll = 3; // EPOLL_CTL_MOD

    private const string Library = "libc";

    /// <summary>What the last call failed by.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    public static string ErrorMessage => Marshal.GetLastPInvokeErrorMessage();

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial Descriptor EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(Descriptor epoll, int operation, SafeHandle descriptor, byte* change);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(Descriptor epoll, byte* events, int most, int timeout);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    public static partial Descriptor EventCounter(uint value, int flags);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(Descriptor descriptor, void* buffer, nint length);

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    public static partial Descriptor Socket(int family, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(Descriptor socket, byte* address, int length);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    public static partial Descriptor Accept(SafeHandle socket, byte* address, int* length, int flags);

    [LibraryImport(Library, EntryPoint = "getsockname", SetLastError = true)]
    public static partial int LocalAddress(Descriptor socket, byte* address, int* length);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(Descriptor socket, byte* buffer, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(Descriptor socket, byte* buffer, nint length, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(Descriptor socket, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(Descriptor socket, int how);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(Descriptor socket, int level, int option, int* value, int length);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(Descriptor socket, int level, int option, int* value, int* length);

    [LibraryImport(Library, EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetLimit(int resource, Limit* limit);

    [LibraryImport(Library, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    public static void SetOption(Descriptor socket, int level, int option, int value) => SetOption(socket, level, option, &value, sizeof(int));

    /// <summary><c>struct rlimit</c>.</summary>
    public struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }

    /// <summary><c>struct iovec</c>.</summary>
    public struct Vector
    {
        public byte* Base;
        public nint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    public struct MessageHeader
    {
        public byte* Name;
        public int NameLength;
        public Vector* Vectors;
        public nint VectorCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }
}
