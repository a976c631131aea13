using System.Diagnostics;
using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Failures;

/// <summary>Sides that stand still: the limits are between two reads or two writes, never on the whole.</summary>
public sealed class TimeoutTests(TimeoutTests.Impatient gateway) : IClassFixture<TimeoutTests.Impatient>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_upstream_that_does_not_answer_gives_504()
    {
        var seen = 0;
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            Interlocked.Increment(ref seen);
            await connection.ReadToEndAsync();
        });
        var host = await gateway.ServeAsync([backend.Port, backend.Port], annotations: [("proxy-read-timeout", "1")]);

        await Task.WhenAll(AskAsync("GET", "1.1"), AskAsync("POST", "1.1"), AskAsync("DELETE", "2.0"), AskAsync("POST", "2.0"));

        Assert.Equal(4, seen);

        async Task AskAsync(string method, string version)
        {
            using var request = Requests.Create(method, $"http://{host}/", version, method == "POST" ? new StringContent("hello") : null);
            var clock = Stopwatch.StartNew();
            using var answer = await gateway.Client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
            Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 10);
        }
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_upstream_that_falls_silent_amid_its_answer_is_cut_off(string method)
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
            await connection.ReadToEndAsync();
        });
        var host = await gateway.ServeAsync(backend.Port, annotations: [("proxy-read-timeout", "1")]);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(200, (await client.ReadHeadAsync()).Status);
        Assert.Equal("hello", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_client_that_is_slow_to_take_the_answer_is_not_cut_off_by_the_timeout_of_the_upstream(string method)
    {
        const int length = 20_000_000;
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            await connection.SendAsync(new byte[length]);
        });
        var host = await gateway.ServeAsync(backend.Port, annotations: [("proxy-read-timeout", "1")]);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: {host}\r\n{(method == "POST" ? "Content-Length: 5\r\n\r\nhello" : "\r\n")}");

        Assert.Equal(200, (await client.ReadHeadAsync()).Status);
        var taken = 0;
        using (var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(2500)))
        {
            // Nothing is taken for longer than the timeout, then a little, then nothing again.
            for (var i = 0; i < 2; i++)
            {
                await pace.WaitForNextTickAsync(Cancellation);
                taken += (await client.ReadExactlyAsync(100_000)).Length;
            }
        }
        taken += (await client.ReadExactlyAsync(length - taken)).Length;
        Assert.Equal(length, taken);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_answer_that_goes_on_may_take_any_time(string method)
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n");
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
            for (var i = 0; i < 6; i++)
            {
                await pace.WaitForNextTickAsync();
                await connection.SendAsync("x");
            }
        });
        var host = await gateway.ServeAsync(backend.Port, annotations: [("proxy-read-timeout", "1")]);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"{method} / HTTP/1.1\r\nHost: {host}\r\n{(method == "POST" ? "Content-Length: 5\r\n\r\nhello" : "\r\n")}");

        Assert.Equal("xxxxxx", (await client.ReadAnswerAsync()).Body);
    }

    [Fact]
    public async Task An_upstream_that_does_not_take_the_body_gives_504()
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.StallAsync();
        });
        var host = await gateway.ServeAsync(backend.Port, annotations: [("proxy-send-timeout", "1"), ("proxy-body-size", "0")]);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {64 << 20}\r\n\r\n");
        var sending = client.SendAsync(new byte[64 << 20]);

        Assert.Equal(504, (await client.ReadAnswerAsync()).Status);
        client.Reset();
        await Assert.ThrowsAnyAsync<Exception>(() => sending);
    }

    [Fact]
    public async Task A_client_that_does_not_send_its_body_gets_408()
    {
        await using var backend = RawBackend.Always();
        var host = await gateway.ServeAsync(backend.Port);

        await Task.WhenAll(
            SendAsync("Content-Length: 10\r\n\r\nhello"),
            SendAsync("Content-Length: 10\r\n\r\n"),
            SendAsync("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
            SendAsync("Transfer-Encoding: chunked\r\n\r\n5\r\nhel"));

        Assert.True(backend.HasNoMoreRequests);

        async Task SendAsync(string rest)
        {
            await using var client = await gateway.DialAsync();
            await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\n{rest}");
            var answer = await client.ReadAnswerAsync();
            Assert.Equal(408, answer.Status);
            Assert.Equal("close", answer["Connection"]);
        }
    }

    [Fact]
    public async Task A_client_that_goes_on_may_take_any_time_for_its_body()
    {
        await using var backend = RawBackend.Always();
        // Shorter than the upload as a whole, and not what limits it.
        var host = await gateway.ServeAsync(backend.Port, annotations: [("proxy-read-timeout", "1"), ("proxy-send-timeout", "1")]);
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\n\r\n");
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var i = 0; i < 6; i++)
        {
            await pace.WaitForNextTickAsync(Cancellation);
            await client.SendAsync("x");
        }

        Assert.Equal(200, (await client.ReadAnswerAsync()).Status);
        Assert.Equal("xxxxxx", (await backend.NextRequestAsync()).Body);
    }

    /// <summary>Waits two seconds for clients.</summary>
    public sealed class Impatient : SharedGateway
    {
        protected override string Settings => "{client-body-timeout: \"2\"}";
    }
}
