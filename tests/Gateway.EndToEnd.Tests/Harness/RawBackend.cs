using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>A backend on a free loopback port that does with each connection what a script says.</summary>
internal sealed class RawBackend : IAsyncDisposable
{
    /// <summary>The shortest good answer.</summary>
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Channel<RawMessage> _requests = Channel.CreateUnbounded<RawMessage>();
    private readonly Func<RawConnection, Task> _serve;
    private readonly Task _accepting;
    private readonly List<Task> _serving = [];
    private readonly List<RawConnection> _connections = [];
    private int _count;
    private int _open;

    private RawBackend(Func<RawBackend, RawConnection, Task> serve)
    {
        _serve = connection => serve(this, connection);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>How many connections were accepted.</summary>
    public int Connections => Volatile.Read(ref _count);

    /// <summary>How many of them the script has not ended yet.</summary>
    public int OpenConnections => Volatile.Read(ref _open);

    /// <summary>Starts one that runs <paramref name="serve"/> for each connection and closes it at the end.</summary>
    public static RawBackend Start(Func<RawConnection, Task> serve) => new((_, connection) => serve(connection));

    /// <summary>Starts one that gives each request the same answer and keeps the connection.</summary>
    public static RawBackend Always(string answer = Ok) => new(async (backend, connection) =>
    {
        while (await connection.TryReadHeadAsync() is { } head)
        {
            var bodiless = head["Content-Length"] is null && head["Transfer-Encoding"] is null;
            backend._requests.Writer.TryWrite(head with { Body = bodiless ? "" : await connection.ReadBodyAsync(head) });
            await connection.SendAsync(answer);
        }
    });

    /// <summary>The next request that one started by <see cref="Always"/> got.</summary>
    public Task<RawMessage> NextRequestAsync() => _requests.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Whether all requests have been looked at.</summary>
    public bool HasNoMoreRequests => _requests.Reader.Count == 0;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await Task.WhenAll(_serving);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptAsync();
                socket.NoDelay = true;
                Interlocked.Increment(ref _count);
                Interlocked.Increment(ref _open);
                var connection = new RawConnection(socket, new NetworkStream(socket, ownsSocket: true));
                _connections.Add(connection);
                _serving.Add(ServeAsync(connection));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(RawConnection connection)
    {
        try
        {
            await using (connection)
                await _serve(connection);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The other end went away, or the test is over.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
