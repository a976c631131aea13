using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Tests.Routing;

namespace Gateway.Proxy.Tests.Telemetry;

/// <summary>One line a request, in ingress-nginx's default format.</summary>
public sealed class AccessLogTests : IAsyncLifetime
{
    private const string Time = """\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]""";
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: id\r\n\r\n";

    private static readonly ServicePortKey Service = new(new ObjectName("shop", "web"), new PortReference(80, null));

    private readonly LogSink _sink = new();
    private readonly RecordedLogs _logs = new();
    private readonly TcpListener _upstream = new(IPAddress.Loopback, 0);
    private readonly DataPlane _dataPlane;
    private IPEndPoint _endPoint = null!;

    public AccessLogTests() => _dataPlane = TestDataPlane.Create(_logs, accessLog: _sink);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private int UpstreamPort => ((IPEndPoint)_upstream.LocalEndpoint).Port;

    public async ValueTask InitializeAsync()
    {
        _upstream.Start();
        await _dataPlane.StartAsync(Cancellation);
        _endPoint = await _dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), Cancellation);
        Serve(GatewaySettings.Default, [UpstreamPort]);
    }

    public async ValueTask DisposeAsync()
    {
        _sink.Unblock();
        await _dataPlane.DisposeAsync();
        _upstream.Dispose();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task A_request_that_was_passed_on_is_told_in_full()
    {
        const string Request =
            "POST /a%2Fb?c=d HTTP/1.1\r\nHost: a\r\nAuthorization: Basic bWU6c2VjcmV0\r\nReferer: http://x/\r\nUser-Agent: curl/8\r\nX-Request-ID: id\r\nContent-Length: 5\r\n\r\nhello";

        await AnswerAsync(Request, "HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nyes");

        Assert.Matches(
            $"^127\\.0\\.0\\.1 - me {Time} \"POST /a%2Fb\\?c=d HTTP/1\\.1\" 201 3 \"http://x/\" \"curl/8\" {Request.Length} 0\\.\\d{{3}} "
            + $"\\[shop-web-80\\] \\[\\] 127\\.0\\.0\\.1:{UpstreamPort} 3 0\\.\\d{{3}} 201 id$",
            await LineAsync());
    }

    [Fact]
    public async Task What_a_request_lacks_is_a_dash()
    {
        await AnswerAsync(Get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        Assert.Matches($"^127\\.0\\.0\\.1 - - {Time} \"GET / HTTP/1\\.1\" 200 0 \"-\" \"-\" ", await LineAsync());
    }

    [Fact]
    public async Task The_answer_to_HEAD_has_no_body()
    {
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync("HEAD /other HTTP/1.1\r\nHost: b\r\nX-Request-ID: id\r\n\r\n");

        Assert.Matches("\"HEAD /other HTTP/1\\.1\" 404 0 \"-\" \"-\" \\d+ \\d\\.\\d{3} \\[upstream-default-backend\\] \\[\\] - - - - id$", await LineAsync());
    }

    [Fact]
    public async Task All_tries_are_told()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var refusing = ((IPEndPoint)closed.LocalEndPoint!).Port;
        Serve(GatewaySettings.Default, [refusing]);

        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync(Get);
        var body = (await client.ReadAnswerAsync())!.Body;

        var endpoint = $"127\\.0\\.0\\.1:{refusing}";
        Assert.Matches(
            $" 502 {body.Length} .* \\[shop-web-80\\] \\[\\] {endpoint}, {endpoint}, {endpoint} 0, 0, 0 \\d\\.\\d{{3}}, \\d\\.\\d{{3}}, \\d\\.\\d{{3}} 502, 502, 502 id$",
            await LineAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_is_told_as_499()
    {
        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync(Get);
        using var connection = await _upstream.AcceptSocketAsync(Cancellation);

        client.Reset();

        Assert.Matches($"\" 499 0 .* 127\\.0\\.0\\.1:{UpstreamPort} 0 \\d\\.\\d{{3}} - id$", await LineAsync());
    }

    [Fact]
    public async Task Nothing_that_a_client_sends_forges_a_line_or_a_field()
    {
        var user = Convert.ToBase64String(Encoding.Latin1.GetBytes("me\n\" \\:x"));

        await AnswerAsync(
            $"GET /\"?\\ HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {user}\r\nUser-Agent: \"\\\t\u00e9\r\nX-Request-ID: id\r\n\r\n".Replace("\\ HTTP", "\\\\ HTTP", StringComparison.Ordinal),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        var line = await LineAsync();
        Assert.Contains(" - me\\x0A\\x22 \\x5C [", line, StringComparison.Ordinal);
        Assert.Contains(" \"GET /\\x22?\\x5C\\x5C HTTP/1.1\" ", line, StringComparison.Ordinal);
        Assert.Contains(" \"\\x22\\x5C\\x09\\xE9\" ", line, StringComparison.Ordinal);
        Assert.Single(_sink.Lines);
    }

    [Fact]
    public async Task A_refused_request_is_told_without_upstream()
    {
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync("TRACE / HTTP/1.1\r\nHost: a\r\nX-Request-ID: id\r\n\r\n");

        Assert.Matches("\"TRACE / HTTP/1\\.1\" 405 .* \\[\\] \\[\\] - - - - id$", await LineAsync());
    }

    [Theory]
    [InlineData("unknown.test", "/", false)]
    [InlineData("unknown.test", "/healthz", false)]
    [InlineData("unknown.test", "/", true)]
    [InlineData("silent", "/", false)]
    public async Task Hosts_that_no_Ingress_names_and_routes_that_are_to_be_silent_are_not_told(string host, string path, bool isTold)
    {
        Serve(GatewaySettings.Default with { AccessLogForDefaultBackend = isTold }, [UpstreamPort]);
        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        await client.ReadAnswerAsync();

        await client.SendAsync("GET /marker HTTP/1.1\r\nHost: b\r\n\r\n");
        await client.ReadAnswerAsync();

        await Eventually.IsAsync(true, () => _sink.Lines.Any(line => line.Contains("/marker", StringComparison.Ordinal)));
        Assert.Equal(isTold ? 2 : 1, _sink.Lines.Length);
    }

    [Fact]
    public async Task It_can_be_turned_off_and_on()
    {
        using var client = await RawClient.ConnectAsync(_endPoint);
        foreach (var isOn in (bool[])[false, true])
        {
            Serve(GatewaySettings.Default with { AccessLog = isOn }, [UpstreamPort]);
            await client.SendAsync($"GET /{isOn} HTTP/1.1\r\nHost: b\r\n\r\n");
            await client.ReadAnswerAsync();
        }

        Assert.Contains("/True", await LineAsync(), StringComparison.Ordinal);
        Assert.Single(_sink.Lines);
    }

    [Fact]
    public async Task It_goes_to_a_file_and_to_a_new_one_when_that_is_moved_away()
    {
        using var folder = new TemporaryFolder();
        var (path, moved) = (folder.Path("access.log"), folder.Path("access.log.1"));
        Serve(GatewaySettings.Default with { AccessLogPath = path }, [UpstreamPort]);
        using var client = await RawClient.ConnectAsync(_endPoint);

        await client.SendAsync("GET /first HTTP/1.1\r\nHost: b\r\n\r\n");
        await Eventually.IsAsync(true, () => File.Exists(path) && new FileInfo(path).Length > 0);
        File.Move(path, moved);
        await client.SendAsync("GET /second HTTP/1.1\r\nHost: b\r\n\r\n");
        await Eventually.IsAsync(true, () => File.Exists(path) && new FileInfo(path).Length > 0);

        Assert.Contains("/first", await File.ReadAllTextAsync(moved, Cancellation), StringComparison.Ordinal);
        Assert.Contains("/second", await File.ReadAllTextAsync(path, Cancellation), StringComparison.Ordinal);
        Assert.Empty(_sink.Lines);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_reported_once_and_used_once_it_can()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path("later/access.log");
        Serve(GatewaySettings.Default with { AccessLogPath = path }, [UpstreamPort]);
        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync("GET / HTTP/1.1\r\nHost: b\r\n\r\n");
        await Eventually.IsAsync(1, () => _logs.Entries.Count(entry => entry.Contains(path, StringComparison.Ordinal)));

        Directory.CreateDirectory(folder.Path("later"));
        await client.SendAsync("GET /now HTTP/1.1\r\nHost: b\r\n\r\n");

        await Eventually.IsAsync(true, () => File.Exists(path) && new FileInfo(path).Length > 0);
        Assert.Single(_logs.Entries, entry => entry.Contains(path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_do_not_wait_for_a_log_that_nobody_takes_and_lost_lines_are_counted()
    {
        const int Requests = 1000;
        _sink.Block();
        using var client = await RawClient.ConnectAsync(_endPoint);
        var request = $"GET / HTTP/1.1\r\nHost: b\r\nUser-Agent: {new string('x', 8000)}\r\n\r\n";
        for (var i = 0; i < Requests; i++)
        {
            await client.SendAsync(request);
            Assert.Equal(404, (await client.ReadAnswerAsync())!.Status);
        }

        _sink.Unblock();

        await Eventually.IsAsync(true, () => _logs.Entries.Any(entry => entry.Contains("lines of the access log were lost", StringComparison.Ordinal)));
        var lost = _logs.Entries.Sum(entry => int.Parse(Regex.Match(entry, @"Warning: (\d+) lines").Groups[1].ValueSpan, CultureInfo.InvariantCulture));
        await Eventually.IsAsync(Requests, () => _sink.Lines.Length + lost);
    }

    [Fact]
    public async Task A_line_that_is_longer_than_a_page_is_cut_off_and_the_next_is_whole()
    {
        using var client = await RawClient.ConnectAsync(_endPoint);

        // Each byte takes four in the log.
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: b\r\nUser-Agent: {new string('\u00e9', 30_000)}\r\n\r\n");
        await client.ReadAnswerAsync();
        await client.SendAsync("GET /next HTTP/1.1\r\nHost: b\r\nX-Request-ID: id\r\n\r\n");
        await client.ReadAnswerAsync();

        await Eventually.IsAsync(2, () => _sink.Lines.Length);
        Assert.EndsWith(" id", _sink.Lines[1], StringComparison.Ordinal);
    }

    private async Task AnswerAsync(string request, string answer)
    {
        using var client = await RawClient.ConnectAsync(_endPoint);
        await client.SendAsync(request);
        using var connection = await _upstream.AcceptSocketAsync(Cancellation);
        var received = "";
        var buffer = new byte[16 * 1024];
        var end = request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        while (!received.EndsWith("\r\n\r\n" + end, StringComparison.Ordinal))
            received += Encoding.Latin1.GetString(buffer, 0, await connection.ReceiveAsync(buffer, Cancellation));
        await connection.SendAsync(Encoding.Latin1.GetBytes(answer), Cancellation);
        Assert.NotNull(await client.ReadAnswerAsync());
    }

    private async Task<string> LineAsync()
    {
        await Eventually.IsAsync(1, () => _sink.Lines.Length);
        return _sink.Lines[0];
    }

    /// <summary>Routes all of host a to endpoints on these ports; nothing of host b; host silent, without a word, nowhere.</summary>
    private void Serve(GatewaySettings settings, int[] ports) => _dataPlane.Apply(new ConfigurationDelta
    {
        Settings = settings,
        Hosts =
        [
            RouteTables.Host("a", RouteTables.Prefix("/") with { Backends = [new Backend(Service)] }),
            RouteTables.Host("b"),
            RouteTables.Host("silent", RouteTables.Prefix("/") with { LogsAccess = false }),
        ],
        Endpoints = [new ServiceEndpoints(Service, [.. ports.Select(port => new EndpointAddress("127.0.0.1", port))])],
    });

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-log-");

        public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
