using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Failures;

/// <summary>Upstreams that break off or do not speak HTTP.</summary>
public sealed class BrokenAnswerTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("hello\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 Odd\r\n\r\n")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [InlineData("\u0016\u0003\u0001\u0002")]
    public async Task What_is_no_answer_gives_502(string sent)
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(sent);
        });
        var host = await gateway.ServeAsync(backend.Port);

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.AskAsync($"http://{host}/")).Status);
        using var post = new StringContent("hello");
        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.PostAsync(new Uri($"http://{host}/"), post, Cancellation)).StatusCode);
    }

    [Fact]
    public async Task A_head_that_is_too_large_gives_502()
    {
        await using var backend = RawBackend.Always($"HTTP/1.1 200 OK\r\nX-Large: {new string('x', 200_000)}\r\nContent-Length: 0\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);

        Assert.Equal(HttpStatusCode.BadGateway, (await gateway.Client.AskAsync($"http://{host}/")).Status);
    }

    public static TheoryData<string, string> Truncations
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var version in new[] { "1.1", "2.0" })
            {
                data.Add(version, "Content-Length: 10\r\n\r\n");
                data.Add(version, "Content-Length: 10\r\n\r\nhello");
                data.Add(version, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
                data.Add(version, "Transfer-Encoding: chunked\r\n\r\n5\r\nhel");
                data.Add(version, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n");
                data.Add(version, "Transfer-Encoding: chunked\r\n\r\n");
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Truncations))]
    public async Task An_answer_that_breaks_off_never_looks_complete(string version, string rest)
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n" + rest);
        });
        var host = await gateway.ServeAsync(backend.Port);
        using var request = Requests.Create("GET", $"http://{host}/", version);

        try
        {
            using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseContentRead, Cancellation);
            // Where nothing was passed on yet, the truth can still be told.
            Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        }
        catch (HttpRequestException)
        {
            // The client has noticed.
        }
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("POST", "hello")]
    [InlineData("DELETE", "")]
    [InlineData("PUT", "hello")]
    [InlineData("PURGE", "")]
    public async Task A_request_that_may_have_been_carried_out_is_not_sent_again(string method, string body)
    {
        var seen = 0;
        await using var backend = RawBackend.Start(async connection =>
        {
            // The first request is answered, the connection kept; the second, on whichever connection, is not answered.
            await connection.ReadRequestAsync();
            if (Interlocked.Increment(ref seen) != 1)
                return;
            await connection.SendAsync(RawBackend.Ok);
            await connection.ReadRequestAsync();
            Interlocked.Increment(ref seen);
        });
        var host = await gateway.ServeAsync([backend.Port, backend.Port]);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Client.AskAsync($"http://{host}/")).Status);

        using var request = Requests.Create(method, $"http://{host}/", content: body.Length > 0 ? new StringContent(body) : null);
        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(2, Volatile.Read(ref seen));
    }

    [Theory]
    [InlineData("POST", "")]
    [InlineData("POST", "hello")]
    [InlineData("DELETE", "")]
    public async Task Nor_is_it_when_an_HTTP_2_connection_dies(string method, string body)
    {
        await using var backend = RawBackend.Start(connection => connection.ReadHttp2RequestAsync());
        var host = await gateway.ServeAsync([backend.Port, backend.Port], "kubernetes.io/h2c");

        using var request = Requests.Create(method, $"http://{host}/", content: body.Length > 0 ? new StringContent(body) : null);
        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(1, backend.Connections);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_kept_connection_that_the_upstream_has_closed_is_not_used(string method)
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(RawBackend.Ok); // and closes, without having said so
        });
        var host = await gateway.ServeAsync(backend.Port);

        for (var i = 0; i < 5; i++)
        {
            using var request = Requests.Create(method, $"http://{host}/", content: method == "POST" ? new StringContent("hello") : null);
            using var answer = await gateway.Client.SendAsync(request, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            // The close has arrived once the connection count of the backend has gone down.
            await Eventually.IsAsync(() => Task.FromResult(backend.OpenConnections), open => open == 0);
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_client_that_goes_away_frees_the_upstream(string version)
    {
        var (arrived, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            arrived.TrySetResult();
            await connection.ReadToEndAsync();
            ended.TrySetResult();
        });
        var host = await gateway.ServeAsync(backend.Port);
        using var patience = new CancellationTokenSource();
        using var request = Requests.Create("GET", $"http://{host}/", version);
        var asking = gateway.Client.SendAsync(request, patience.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
    }
}
