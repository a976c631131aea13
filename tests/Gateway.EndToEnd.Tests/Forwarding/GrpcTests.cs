using Gateway.EndToEnd.Tests.Harness;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>gRPC through the gateway, with real clients and servers.</summary>
public sealed class GrpcTests(GrpcTests.WithServers gateway) : IClassFixture<GrpcTests.WithServers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTime Soon => DateTime.UtcNow.AddSeconds(20);

    /// <summary>Scheme of the client, and how the backend is told to be one of gRPC.</summary>
    public static TheoryData<string, string> Ways =>
        new() { { "http", "appProtocol" }, { "https", "appProtocol" }, { "http", "GRPC" }, { "https", "GRPCS" } };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_call_is_answered_with_metadata_and_trailers(string scheme, string backend)
    {
        using var channel = Open(scheme, gateway.Host(backend));

        using var call = new Chat.ChatClient(channel).SayAsync(new Line { Text = "hello" }, new Metadata { { "x-sent", "yes" } }, Soon, Cancellation);

        Assert.Equal("you said hello", (await call).Text);
        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("x-received"));
        // Servers may refuse a call without it.
        Assert.Equal("trailers", (await call.ResponseHeadersAsync).GetValue("x-te"));
        Assert.Equal("done", call.GetTrailers().GetValue("x-trailer"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_server_streams(string scheme, string backend)
    {
        using var channel = Open(scheme, gateway.Host(backend));

        using var call = new Chat.ChatClient(channel).Listen(new Line { Text = "5" }, deadline: Soon, cancellationToken: Cancellation);

        Assert.Equal(["0", "1", "2", "3", "4"], await ReadAllAsync(call.ResponseStream));
        Assert.Equal("done", call.GetTrailers().GetValue("x-trailer"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_client_streams(string scheme, string backend)
    {
        using var channel = Open(scheme, gateway.Host(backend));
        using var call = new Chat.ChatClient(channel).Dictate(deadline: Soon, cancellationToken: Cancellation);

        foreach (var word in new[] { "one", "two", "three" })
            await call.RequestStream.WriteAsync(new Line { Text = word }, Cancellation);
        await call.RequestStream.CompleteAsync();

        Assert.Equal("one two three", (await call).Text);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Both_talk_in_turn(string scheme, string backend)
    {
        using var channel = Open(scheme, gateway.Host(backend));
        using var call = new Chat.ChatClient(channel).Talk(deadline: Soon, cancellationToken: Cancellation);
        // The server greets first: its head comes before anything was said.
        Assert.Equal("yes", (await call.ResponseHeadersAsync).GetValue("x-greeting"));

        foreach (var word in new[] { "one", "two", "three" })
        {
            await call.RequestStream.WriteAsync(new Line { Text = word }, Cancellation);
            Assert.True(await call.ResponseStream.MoveNext(Cancellation));
            Assert.Equal($"echo {word}", call.ResponseStream.Current.Text);
        }
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_error_reaches_the_client_before_and_amid_an_answer(string scheme, string backend)
    {
        using var channel = Open(scheme, gateway.Host(backend));
        var client = new Chat.ChatClient(channel);

        var unary = await Assert.ThrowsAsync<RpcException>(async () => await client.SayAsync(new Line { Text = "fail" }, deadline: Soon, cancellationToken: Cancellation));
        Assert.Equal((StatusCode.FailedPrecondition, "not today"), (unary.StatusCode, unary.Status.Detail));
        Assert.Equal("why", unary.Trailers.GetValue("x-reason"));

        using var call = client.Talk(deadline: Soon, cancellationToken: Cancellation);
        await call.RequestStream.WriteAsync(new Line { Text = "one" }, Cancellation);
        Assert.True(await call.ResponseStream.MoveNext(Cancellation));
        // The server ends the call; the client has not said that it is through.
        await call.RequestStream.WriteAsync(new Line { Text = "fail" }, Cancellation);
        var amid = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));
        Assert.Equal((StatusCode.FailedPrecondition, "not today"), (amid.StatusCode, amid.Status.Detail));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_call_that_the_client_gives_up_is_given_up_by_the_server(string scheme, string backend)
    {
        using var channel = Open(scheme, gateway.Host(backend));
        using var patience = new CancellationTokenSource();
        var call = new Chat.ChatClient(channel).SayAsync(new Line { Text = "hang" }, cancellationToken: patience.Token);
        await ChatServer.Hanging.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        await patience.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        Assert.True(await ChatServer.Cancelled.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
    }

    [Fact]
    public async Task A_deadline_is_kept()
    {
        using var channel = Open("http", gateway.Host("appProtocol"));

        using var call = new Chat.ChatClient(channel).Talk(deadline: DateTime.UtcNow.AddMilliseconds(500), cancellationToken: Cancellation);
        var late = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancellation));

        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
    }

    [Fact]
    public async Task A_backend_that_is_away_is_unavailable()
    {
        var host = await gateway.ServeAsync([], "kubernetes.io/h2c");
        using var channel = Open("http", host);

        var away = await Assert.ThrowsAsync<RpcException>(async () =>
            await new Chat.ChatClient(channel).SayAsync(new Line(), deadline: Soon, cancellationToken: Cancellation));

        Assert.Equal(StatusCode.Unavailable, away.StatusCode);
    }

    private GrpcChannel Open(string scheme, string host) => GrpcChannel.ForAddress(
        $"{scheme}://{host}", new GrpcChannelOptions { HttpHandler = GatewayHttp.Handler(gateway.Gateway), DisposeHttpClient = true });

    private static async Task<List<string>> ReadAllAsync(IAsyncStreamReader<Line> stream)
    {
        List<string> lines = [];
        while (await stream.MoveNext(Cancellation))
            lines.Add(stream.Current.Text);
        return lines;
    }

    /// <summary>A gateway with one host for each way to a backend.</summary>
    public sealed class WithServers : SharedGateway, IAsyncLifetime
    {
        private readonly Dictionary<string, string> _hosts = [];
        private readonly List<TestBackend> _servers = [];

        internal string Host(string backend) => _hosts[backend];

        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            _servers.Add(await StartAsync(tls: false));
            _servers.Add(await StartAsync(tls: true));
            _hosts["appProtocol"] = await ServeAsync(_servers[0].Port, "kubernetes.io/h2c");
            _hosts["GRPC"] = await ServeAsync(_servers[0].Port, annotations: [("backend-protocol", "GRPC")]);
            _hosts["GRPCS"] = await ServeAsync(_servers[1].Port, annotations: [("backend-protocol", "GRPCS")]);
        }

        async ValueTask IAsyncDisposable.DisposeAsync()
        {
            await DisposeAsync();
            foreach (var server in _servers)
                await server.DisposeAsync();
        }

        private static Task<TestBackend> StartAsync(bool tls) => TestBackend.StartAsync(
            context => context.Response.WriteAsync("not gRPC"), HttpProtocols.Http2, tls,
            services => services.AddGrpc(), app => app.MapGrpcService<ChatServer>());
    }

    private sealed class ChatServer : Chat.ChatBase
    {
        public static readonly SemaphoreSlim Hanging = new(0);
        public static readonly SemaphoreSlim Cancelled = new(0);

        public override async Task<Line> Say(Line request, ServerCallContext context)
        {
            if (request.Text == "hang")
            {
                Hanging.Release();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
                Cancelled.Release();
            }
            FailIfTold(request);
            await context.WriteResponseHeadersAsync(new Metadata
            {
                { "x-received", context.RequestHeaders.GetValue("x-sent") ?? "" },
                { "x-te", context.GetHttpContext().Request.Headers.TE.ToString() },
            });
            context.ResponseTrailers.Add("x-trailer", "done");
            return new Line { Text = $"you said {request.Text}" };
        }

        public override async Task Listen(Line request, IServerStreamWriter<Line> responseStream, ServerCallContext context)
        {
            for (var i = 0; i < int.Parse(request.Text, System.Globalization.CultureInfo.InvariantCulture); i++)
                await responseStream.WriteAsync(new Line { Text = $"{i}" });
            context.ResponseTrailers.Add("x-trailer", "done");
        }

        public override async Task<Line> Dictate(IAsyncStreamReader<Line> requestStream, ServerCallContext context) =>
            new() { Text = string.Join(' ', await ReadAllAsync(requestStream)) };

        public override async Task Talk(IAsyncStreamReader<Line> requestStream, IServerStreamWriter<Line> responseStream, ServerCallContext context)
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "x-greeting", "yes" } });
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                FailIfTold(requestStream.Current);
                await responseStream.WriteAsync(new Line { Text = $"echo {requestStream.Current.Text}" });
            }
        }

        private static void FailIfTold(Line line)
        {
            if (line.Text == "fail")
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "not today"), new Metadata { { "x-reason", "why" } });
        }
    }
}
