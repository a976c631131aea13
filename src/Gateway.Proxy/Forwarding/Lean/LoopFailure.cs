using System.Net.Sockets;
using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>Tells Linux's errors of sockets as the runtime's own sockets do.</summary>
internal static class LoopFailure
{
    /// <summary>The exception for an <c>errno</c> (<c>errno</c>(3)).</summary>
    public static SocketException By(int error) => new((int)(error switch
    {
        1 or 13 => SocketError.AccessDenied, // EPERM, EACCES
        Libc.SystemDescriptorsError or Libc.ProcessDescriptorsError => SocketError.TooManyOpenSockets,
        Libc.NoBuffersError or Libc.NoMemoryError => SocketError.NoBufferSpaceAvailable,
        32 => SocketError.Shutdown, // EPIPE
        97 => SocketError.AddressFamilyNotSupported, // EAFNOSUPPORT
        99 => SocketError.AddressNotAvailable, // EADDRNOTAVAIL
        101 => SocketError.NetworkUnreachable, // ENETUNREACH
        104 => SocketError.ConnectionReset, // ECONNRESET
        110 => SocketError.TimedOut, // ETIMEDOUT
        111 => SocketError.ConnectionRefused, // ECONNREFUSED
        113 => SocketError.HostUnreachable, // EHOSTUNREACH
        _ => SocketError.SocketError,
    }));
}
