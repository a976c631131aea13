using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// Listens on TCP ports with event loops of its own in the place of .NET's sockets: fewer system calls, and a request is worked on by
/// the thread that received it.
/// </summary>
/// <param name="loops">What connections are spread over.</param>
/// <param name="memory">The memory that the server asks for a connection.</param>
/// <param name="reserve">How many descriptors clients may take.</param>
/// <param name="logger">Where it logs to.</param>
/// <param name="time">Times what lingers and what pauses.</param>
internal sealed class EpollTransport(EventLoop[] loops, MemoryPool<byte> memory, DescriptorReserve reserve, ILogger logger, TimeProvider time) : IConnectionListenerFactory
{
    /// <summary>As long as the kernel lets it be (<c>net.core.somaxconn</c>, 4096).</summary>
    private const int Backlog = 4096;

    private int _bound = -1;

    public EventLoop[] Loops => loops;

    public MemoryPool<byte> Memory => memory;

    public DescriptorReserve Reserve => reserve;

    public ILogger Logger => logger;

    public TimeProvider Time => time;

    /// <summary>Whether it runs here: what it takes of the kernel is laid out for these.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <exception cref="AddressInUseException">The port is in use.</exception>
    /// <exception cref="SocketException">It cannot be had for another reason.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            // The other transport's: one that takes IPv4 as well when it is bound to [::].
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Blocking = false;
            socket.Listen(Backlog);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }
        // Ports share the loops, so that none accepts for all.
        var loop = loops[(uint)Interlocked.Increment(ref _bound) % (uint)loops.Length];
        return ValueTask.FromResult<IConnectionListener>(new EpollListener(socket, loop, this));
    }
}
