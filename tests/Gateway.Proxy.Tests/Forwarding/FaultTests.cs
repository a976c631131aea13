using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Tests.Listeners.Epoll;
using Gateway.Proxy.Tests.Routing;
using Gateway.Proxy.Tests.Telemetry;

namespace Gateway.Proxy.Tests.Forwarding;

/// <summary>
/// Backends and clients that do what they must not: the exchange ends, its log line tells how, and nothing of it is left:
/// no request in flight, no descriptor.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FaultTests : IAsyncLifetime
{
    private const int Times = 20;
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly ServicePortKey Service = new(new ObjectName("shop", "web"), new PortReference(80, null));

    private readonly LogSink _sink = new();
    private readonly TcpListener _upstream = new(IPAddress.Loopback, 0);
    private readonly DataPlane _dataPlane;
    private IPEndPoint _endPoint = null!;

    public FaultTests() => _dataPlane = TestDataPlane.Create(accessLog: _sink);

    public static TheoryData<string, string, int?> Answers { get; } = new()
    {
        { "garbage", "garbage\r\n\r\n", 502 },
        { "nothing", "", 502 },
        { "half a head", "HTTP/1.1 200 OK\r\nContent-Le", 502 },
        { "a head of a megabyte", $"HTTP/1.1 200 OK\r\nX: {new string('a', 1 << 20)}\r\nContent-Length: 0\r\n\r\n", 502 },
        { "more than told", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello", 200 },
        { "less than told", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", null },
        { "half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhello", null },
        { "a thousand interim answers and no other", string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000)), 502 },
    };

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public async ValueTask InitializeAsync()
    {
        _upstream.Start();
        await _dataPlane.StartAsync(Deadline);
        _endPoint = await _dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), Deadline);
        _dataPlane.Apply(new ConfigurationDelta
        {
            Settings = GatewaySettings.Default with { UpstreamKeepaliveConnections = 0 },
            Hosts = [RouteTables.Host("a", RouteTables.Prefix("/") with { Backends = [new Backend(Service)] })],
            Endpoints = [new ServiceEndpoints(Service, [new EndpointAddress("127.0.0.1", ((IPEndPoint)_upstream.LocalEndpoint).Port)])],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _dataPlane.DisposeAsync();
        _upstream.Dispose();
        await _sink.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_backend_that_answers_wrongly_costs_its_own_exchange(string what, string answer, int? status)
    {
        Assert.NotEmpty(what);
        await LeavesNothingAsync(async () =>
        {
            using var client = await RawClient.ConnectAsync(_endPoint);
            await client.SendAsync(Get);
            using (var backend = await _upstream.AcceptSocketAsync(Deadline))
            {
                await ReceiveHeadAsync(backend);
                await SendAsync(backend, answer);
                backend.Shutdown(SocketShutdown.Send);
                if (status is not null)
                    Assert.Equal(status, (await client.ReadAnswerAsync())?.Status);
                else
                    await client.ReadToEndAsync();
            }
        });
        await LogTellsAsync(Times, status ?? 200);
    }

    [Fact]
    public async Task A_backend_that_answers_before_it_is_asked_is_believed_once()
    {
        await LeavesNothingAsync(async () =>
        {
            using var client = await RawClient.ConnectAsync(_endPoint);
            await client.SendAsync(Get);
            using var backend = await _upstream.AcceptSocketAsync(Deadline);
            await SendAsync(backend, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
            Assert.Equal("hi", (await client.ReadAnswerAsync())?.Body);
        });
    }

    [Theory]
    [InlineData("within its head", "GET / HTTP/1.1\r\nHos", false)]
    [InlineData("before the answer", Get, false)]
    [InlineData("within its body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhello", false)]
    [InlineData("within the answer", Get, true)]
    public async Task A_client_that_resets_its_connection_costs_its_own_exchange(string when, string sent, bool isAnswered)
    {
        Assert.NotEmpty(when);
        var reachesBackend = sent.Contains("\r\n\r\n", StringComparison.Ordinal);
        await LeavesNothingAsync(async () =>
        {
            using var client = await RawClient.ConnectAsync(_endPoint);
            await client.SendAsync(sent);
            using var backend = reachesBackend ? await _upstream.AcceptSocketAsync(Deadline) : null;
            if (backend is not null)
                await ReceiveHeadAsync(backend);
            if (isAnswered)
            {
                await SendAsync(backend!, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                await client.ReadAnswerAsync();
            }
            client.Reset();
            // The backend hears of it: it is not left to send to nobody.
            if (backend is not null)
                await EndsAsync(backend);
        });
        await LogTellsAsync(reachesBackend ? Times : 0, 499);
    }

    [Fact]
    public async Task A_client_that_reads_nothing_holds_its_backend_back_and_no_memory()
    {
        const int Length = 50_000_000;
        await LeavesNothingAsync(async () =>
        {
            using var client = await RawClient.ConnectAsync(_endPoint);
            await client.SendAsync(Get);
            using var backend = await _upstream.AcceptSocketAsync(Deadline);
            await ReceiveHeadAsync(backend);
            await SendAsync(backend, $"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\n\r\n");
            backend.Blocking = false;
            var sent = 0;
            var piece = new byte[64 * 1024];
            // As much as the system holds between, and no more: what it takes now and then after that is no part of it.
            for (var refused = 0; refused < 100;)
            {
                sent += backend.Send(piece, SocketFlags.None, out var error);
                refused = error == SocketError.WouldBlock ? refused + 1 : 0;
                if (refused > 0)
                    await Task.Delay(1, Deadline);
            }
            Assert.InRange(sent, 1, Length / 2);
            client.Reset();
            await EndsAsync(backend);
        }, times: 4);
    }

    /// <summary>Does it again and again; then there is as much as was after the first time.</summary>
    private async Task LeavesNothingAsync(Func<Task> exchange, int times = Times)
    {
        await exchange();
        await Eventually.IsAsync(0, InFlight);
        var before = Descriptors();
        for (var i = 1; i < times; i++)
            await exchange();
        await Eventually.IsAsync(0, InFlight);
        // Idle connections come and go; a leak would be one an exchange.
        await Eventually.IsAsync(true, () => Descriptors() < before + (times / 2));
    }

    private int InFlight() => _dataPlane.Clusters.Sum(cluster => cluster.Endpoints.Sum(endpoint => endpoint.InFlight));

    private async Task LogTellsAsync(int exchanges, int status)
    {
        await Eventually.IsAsync(exchanges, () => _sink.Lines.Length);
        Assert.All(_sink.Lines, line => Assert.Contains($"\" {status} ", line, StringComparison.Ordinal));
    }

    /// <summary>Of sockets: others are the runtime's.</summary>
    private static int Descriptors() =>
        Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    private static async Task SendAsync(Socket socket, string text)
    {
        ReadOnlyMemory<byte> rest = Encoding.Latin1.GetBytes(text);
        try
        {
            while (!rest.IsEmpty)
                rest = rest[await socket.SendAsync(rest, Deadline)..];
        }
        catch (SocketException)
        {
            // The gateway has had enough of it.
        }
    }

    private static async Task ReceiveHeadAsync(Socket socket)
    {
        var buffer = new byte[4096];
        var text = "";
        while (!text.Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer, Deadline);
            Assert.NotEqual(0, count);
            text += Encoding.Latin1.GetString(buffer, 0, count);
        }
    }

    private static async Task EndsAsync(Socket socket)
    {
        try
        {
            socket.Blocking = true;
            while (await socket.ReceiveAsync(new byte[4096], Deadline) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset.
        }
    }
}
