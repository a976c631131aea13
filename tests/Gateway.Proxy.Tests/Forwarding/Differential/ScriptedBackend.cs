using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Gateway.Proxy.Tests.Forwarding.Differential;

/// <summary>A backend that gives each request the answer that its exchange says, byte for byte, and notes what it got.</summary>
internal sealed class ScriptedBackend : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IReadOnlyList<GeneratedExchange> _exchanges;
    private readonly Task _accepting;
    private volatile WireMessage? _seen;
    private volatile Task _answering = Task.CompletedTask;

    public ScriptedBackend(IReadOnlyList<GeneratedExchange> exchanges)
    {
        _exchanges = exchanges;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The last request since <see cref="SettledAsync"/>.</summary>
    public WireMessage? Seen { get; private set; }

    /// <summary>Waits until everything has been sent and closed that the exchange says, though the client has all it wants.</summary>
    public async Task SettledAsync()
    {
        await _answering;
        Seen = _seen;
        _seen = null;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var reader = new WireReader(stream);
        while (await reader.ReadRequestAsync() is { } request)
        {
            var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _answering = answered.Task;
            _seen = request;
            var exchange = _exchanges[int.Parse(request.All(GeneratedExchange.Mark)[0], CultureInfo.InvariantCulture)];
            try
            {
                foreach (var part in exchange.Answer)
                {
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(part));
                    await Task.Yield();
                }
                if (!exchange.Closes)
                    continue;
                await stream.DisposeAsync();
            }
            catch (IOException)
            {
                // The gateway has closed.
            }
            finally
            {
                answered.SetResult();
            }
            return;
        }
    }
}
