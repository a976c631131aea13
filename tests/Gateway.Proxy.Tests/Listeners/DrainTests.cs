using System.Net.Sockets;
using Gateway.Proxy.Tests.Http2;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Listeners;

/// <summary>Closing one listener, or the whole server, under connections in all states.</summary>
public sealed class DrainTests : IAsyncLifetime
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string GetSlowly = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
    private const uint NoError = 0;

    /// <summary>Far more than closing takes, far less than the drain may take.</summary>
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _begun = new(0);
    private readonly CancellationTokenSource _drain = new(TimeSpan.FromSeconds(30));
    private readonly RecordedLogs _logs = new();
    private TestServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(
        async features =>
        {
            if (features.Get<IHttpRequestFeature>()!.Path == "/slow")
            {
                _begun.Release();
                await _finish.Task;
            }
            await features.AnswerAsync("ok");
        },
        loggers: _logs);

    public async ValueTask DisposeAsync()
    {
        _finish.TrySetResult();
        await _server.DisposeAsync();
        _begun.Dispose();
        _drain.Dispose();
    }

    [Fact]
    public async Task Closing_a_listener_closes_its_idle_connections_at_once_and_lets_requests_finish()
    {
        using var idle = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var silent = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var busy = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var http2 = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);
        await idle.SendAsync(Get);
        await idle.ReadAnswerAsync();
        await busy.SendAsync(GetSlowly);
        var stream = await http2.SendHeadersAsync(RawHttp2Client.Get("a", "/slow"), endStream: true);
        await BegunAsync(2);

        var closing = _server.Server.CloseAsync(TestServer.Plain, _drain.Token);

        Assert.True(await idle.ClosesAsync());
        Assert.True(await silent.ClosesAsync());
        Assert.Equal(NoError, await http2.ReadGoAwayAsync());
        Assert.False(closing.IsCompleted);
        _finish.SetResult();
        Assert.Contains("Connection: close", (await busy.ReadAnswerAsync())!.Head, StringComparison.Ordinal);
        Assert.Equal(200, (await http2.ReadAnswerAsync(stream)).Status);
        await closing.WaitAsync(AtOnce, Cancellation);
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task Closing_a_listener_leaves_the_others_alone()
    {
        using var other = await RawClient.ConnectTlsAsync(_server.TlsEndPoint, "a");
        await other.SendAsync(Get);
        await other.ReadAnswerAsync();

        await _server.Server.CloseAsync(TestServer.Plain, _drain.Token);

        await other.SendAsync(Get);
        Assert.Equal(200, (await other.ReadAnswerAsync())?.Status);
        Assert.Equal([TestServer.Tls], _server.Server.Listeners.Select(listener => listener.Definition.Name));
    }

    [Fact]
    public async Task A_port_goes_from_plain_to_TLS_while_requests_in_flight_finish()
    {
        using var busy = await RawClient.ConnectAsync(_server.PlainEndPoint);
        await busy.SendAsync(GetSlowly);
        await BegunAsync(1);

        var closing = _server.Server.CloseAsync(TestServer.Plain, _drain.Token);
        await _server.OpenAsync(TestServer.Plain, isTls: true, _server.PlainEndPoint.Port);

        using var tls = await RawClient.ConnectTlsAsync(_server.PlainEndPoint, "a");
        await tls.SendAsync(Get);
        Assert.Equal(200, (await tls.ReadAnswerAsync())?.Status);
        _finish.SetResult();
        Assert.Equal(200, (await busy.ReadAnswerAsync())?.Status);
        await closing.WaitAsync(AtOnce, Cancellation);
    }

    [Fact]
    public async Task Closing_a_listener_aborts_what_is_left_when_its_time_is_up()
    {
        using var busy = await RawClient.ConnectAsync(_server.PlainEndPoint);
        await busy.SendAsync(GetSlowly);
        await BegunAsync(1);

        var closing = _server.Server.CloseAsync(TestServer.Plain, _drain.Token);
        await _drain.CancelAsync();

        Assert.True(await busy.ClosesAsync());
        _finish.SetResult();
        await closing.WaitAsync(AtOnce, Cancellation);
    }

    [Fact]
    public async Task Closing_what_is_not_open_does_nothing() => await _server.Server.CloseAsync("other", _drain.Token);

    [Fact]
    public async Task Stopping_closes_idle_connections_at_once_and_lets_requests_finish()
    {
        using var idle = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var idleTls = await RawClient.ConnectTlsAsync(_server.TlsEndPoint, "a");
        using var busy = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var http2 = await RawHttp2Client.ConnectTlsAsync(_server.TlsEndPoint, "a");
        await idle.SendAsync(Get);
        await idle.ReadAnswerAsync();
        await idleTls.SendAsync(Get);
        await idleTls.ReadAnswerAsync();
        await busy.SendAsync(GetSlowly);
        var stream = await http2.SendHeadersAsync(RawHttp2Client.Get("a", "/slow", "https"), endStream: true);
        await BegunAsync(2);

        var stopping = _server.Server.StopAsync(_drain.Token);

        Assert.True(await idle.ClosesAsync());
        Assert.True(await idleTls.ClosesAsync());
        Assert.Equal(NoError, await http2.ReadGoAwayAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawClient.ConnectAsync(_server.PlainEndPoint));
        Assert.False(stopping.IsCompleted);
        _finish.SetResult();
        Assert.Contains("Connection: close", (await busy.ReadAnswerAsync())!.Head, StringComparison.Ordinal);
        Assert.Equal(200, (await http2.ReadAnswerAsync(stream)).Status);
        await stopping.WaitAsync(AtOnce, Cancellation);
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task Clients_that_wait_for_nothing_do_not_hold_up_the_stop()
    {
        using var silent = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var undecided = await RawClient.ConnectAsync(_server.PlainEndPoint);
        using var shaking = await RawClient.ConnectAsync(_server.TlsEndPoint);
        using var half = await RawClient.ConnectAsync(_server.TlsEndPoint);
        using var http2 = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);
        using var http2Tls = await RawHttp2Client.ConnectTlsAsync(_server.TlsEndPoint, "a");
        await http2.RequestAsync(RawHttp2Client.Get("a"));
        await http2Tls.RequestAsync(RawHttp2Client.Get("a", scheme: "https"));
        await undecided.SendAsync("PRI * HTTP/2.0\r\n");
        await half.SendAsync("\u0016\u0003\u0001\u0002\0\u0001");
        await Eventually.IsAsync(6, () => _server.Server.Listeners.Sum(listener => listener.CurrentConnections));

        await _server.Server.StopAsync(_drain.Token).WaitAsync(AtOnce, Cancellation);

        Assert.True(await silent.ClosesAsync());
        Assert.True(await undecided.ClosesAsync());
        Assert.True(await shaking.ClosesAsync());
        Assert.True(await half.ClosesAsync());
        Assert.Equal(NoError, await http2.ReadGoAwayAsync());
        Assert.Equal(NoError, await http2Tls.ReadGoAwayAsync());
        Assert.Empty(_logs.Entries);
    }

    [Fact]
    public async Task An_HTTP_2_client_that_stays_after_its_last_answer_does_not_hold_up_the_stop()
    {
        using var http2 = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);
        await http2.SendHeadersAsync(RawHttp2Client.Get("a", "/slow"), endStream: true);
        await BegunAsync(1);

        var stopping = _server.Server.StopAsync(_drain.Token);
        _finish.SetResult();

        await stopping.WaitAsync(AtOnce, Cancellation);
        await http2.ReadToEndAsync();
        Assert.Equal(NoError, http2.GoAway);
    }

    [Fact]
    public async Task Stopping_aborts_what_is_left_when_its_time_is_up()
    {
        using var busy = await RawClient.ConnectAsync(_server.PlainEndPoint);
        await busy.SendAsync(GetSlowly);
        await BegunAsync(1);

        var stopping = _server.Server.StopAsync(_drain.Token);
        await _drain.CancelAsync();

        Assert.True(await busy.ClosesAsync());
        _finish.SetResult();
        await stopping.WaitAsync(AtOnce, Cancellation);
    }

    [Fact]
    public async Task A_thousand_connections_in_random_states_leave_nothing_behind()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var clients = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => OpenAsync(random.Next(9))));

        var stopping = _server.Server.StopAsync(_drain.Token);
        foreach (var client in clients.Where(_ => random.Next(3) == 0))
            client.Dispose();
        _finish.SetResult();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        Assert.False(_drain.IsCancellationRequested, $"Connections were left over (seed {seed}).");
        foreach (var client in clients)
        {
            await client.ReadToEndAsync();
            client.Dispose();
        }
        Assert.Empty(_server.Server.Listeners);
        Assert.Empty(_logs.Entries);
    }

    private async Task<IRawClient> OpenAsync(int state)
    {
        if (state == 0)
        {
            var http2 = await RawHttp2Client.ConnectAsync(_server.PlainEndPoint);
            await http2.SendHeadersAsync(RawHttp2Client.Get("a", "/slow"), endStream: true);
            return http2;
        }
        var client = await RawClient.ConnectAsync(state < 3 ? _server.TlsEndPoint : _server.PlainEndPoint);
        await client.SendAsync(state switch
        {
            1 => "\u0016\u0003\u0001\u0002\0\u0001",
            3 => "PRI * HT",
            4 => Get,
            5 => GetSlowly,
            6 => Get + Get + Get,
            7 => Get,
            _ => "",
        });
        if (state == 7)
            client.Reset();
        return client;
    }

    private async Task BegunAsync(int requests)
    {
        for (var i = 0; i < requests; i++)
            Assert.True(await _begun.WaitAsync(TimeSpan.FromSeconds(20), Cancellation));
    }
}
