using System.Net;
using Gateway.EndToEnd.Tests.Harness;
using Microsoft.AspNetCore.Http;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>HTTP/2 clients, in clear with prior knowledge and over TLS, in front of HTTP/1.1 backends; backends behind TLS.</summary>
public sealed class Http2Tests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_request_over_HTTP_2_reaches_an_HTTP_1_backend(string scheme)
    {
        await using var backend = RawBackend.Always("HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Private\r\nKeep-Alive: timeout=5\r\nX-Private: 1\r\nUpgrade: h2c\r\nX-Public: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        using var request = Requests.Create("GET", $"{scheme}://{host}/a%2Fb/../c?d", "2.0");
        request.Headers.TryAddWithoutValidation("Cookie", "a=1; b=2");

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Equal("hello", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.True(answer.Headers.Contains("X-Public"));
        foreach (var name in new[] { "Connection", "Keep-Alive", "X-Private", "Upgrade", "Transfer-Encoding" })
            Assert.False(answer.Headers.NonValidated.Contains(name), name);
        var received = await backend.NextRequestAsync();
        Assert.Equal("GET /a%2Fb/../c?d HTTP/1.1", received.StartLine);
        Assert.Equal(host, received["Host"]);
        Assert.Equal(host, received["X-Forwarded-Host"]);
        Assert.Equal(scheme, received["X-Forwarded-Proto"]);
        Assert.Equal("a=1; b=2", received["Cookie"]);
        Assert.DoesNotContain(received.Fields, field => field.Name.StartsWith(':'));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Streams_of_a_connection_do_not_wait_for_each_other(string scheme)
    {
        const int AtOnce = 100;
        var (arrived, all) = (0, new TaskCompletionSource());
        await using var backend = await TestBackend.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref arrived) == AtOnce)
                all.SetResult();
            await all.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(context.Request.Path + await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted), context.RequestAborted);
        });
        var host = await gateway.ServeAsync(backend.Port);

        // None is answered before all have arrived.
        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async i =>
        {
            using var request = Requests.Create(
                i % 2 == 0 ? "GET" : "POST", $"{scheme}://{host}/{i}", "2.0", i % 2 == 0 ? null : new StringContent(new string('x', 100)));
            using var answer = await gateway.Client.SendAsync(request, Cancellation);
            return await answer.Content.ReadAsStringAsync(Cancellation);
        }));

        for (var i = 0; i < AtOnce; i++)
            Assert.Equal($"/{i}{(i % 2 == 0 ? "" : new string('x', 100))}", answers[i]);
    }

    [Theory]
    [InlineData("hello", "5\r\nhello\r\n")]
    [InlineData("", "")]
    public async Task Trailers_reach_an_HTTP_2_client(string body, string chunks)
    {
        await using var backend = RawBackend.Always($"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\nX-Sum: 42\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        using var request = Requests.Create("GET", $"http://{host}/", "2.0");

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(body, await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("42", answer.TrailingHeaders.GetValues("X-Sum").Single());
    }

    [Fact]
    public async Task Trailers_that_no_head_would_pass_do_not_either()
    {
        string[] dropped = ["Server", "Date", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Upgrade", "Trailer", "Content-Length", "X-Accel-Redirect"];
        await using var backend = RawBackend.Always(
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n{string.Concat(dropped.Select(name => $"{name}: 1\r\n"))}X-Control: a\u0001b\r\nX-Sum: 42\r\nX-Sum: 43\r\n\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        using var request = Requests.Create("GET", $"http://{host}/", "2.0");

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal("hello", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(["X-Sum"], answer.TrailingHeaders.NonValidated.Select(field => field.Key), StringComparer.OrdinalIgnoreCase);
        Assert.Equal(["42", "43"], answer.TrailingHeaders.GetValues("X-Sum"));
    }

    [Theory]
    [InlineData("HEAD", 200, "Content-Length: 1234\r\n", 1234)]
    [InlineData("GET", 204, "", null)]
    [InlineData("GET", 304, "ETag: \"a\"\r\n", null)]
    [InlineData("GET", 404, "Content-Length: 0\r\n", 0)]
    public async Task Answers_without_a_body_end_at_once(string method, int status, string fields, int? length)
    {
        await using var backend = RawBackend.Always($"HTTP/1.1 {status} Whatever\r\n{fields}\r\n");
        var host = await gateway.ServeAsync(backend.Port);
        using var request = Requests.Create(method, $"http://{host}/", "2.0");

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(length, answer.Content.Headers.NonValidated.Contains("Content-Length") ? (int?)answer.Content.Headers.ContentLength : null);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task An_HTTP_2_backend_may_answer_before_the_body_is_through(string version)
    {
        await using var backend = await TestBackend.StartAsync(
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            },
            Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);
        var host = await gateway.ServeAsync(backend.Port, "kubernetes.io/h2c", [("proxy-body-size", "0")]);
        using var request = Requests.Create("POST", $"http://{host}/", version, new StreamContent(new ForwardOnlyStream(new byte[8 << 20])));

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task More_requests_at_once_than_an_HTTP_2_backend_takes_over_one_connection_go_over_another()
    {
        const int Limit = 100; // Kestrel's
        var (arrived, all) = (0, new TaskCompletionSource());
        await using var backend = await TestBackend.StartAsync(
            async context =>
            {
                if (Interlocked.Increment(ref arrived) > Limit)
                    all.TrySetResult();
                await all.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("ok");
            },
            Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);
        var host = await gateway.ServeAsync(backend.Port, "kubernetes.io/h2c");

        var answers = await Task.WhenAll(Enumerable.Range(0, Limit + 1).Select(_ => gateway.Client.GetStringAsync(new Uri($"http://{host}/"), Cancellation)));

        Assert.All(answers, answer => Assert.Equal("ok", answer));
    }

    [Fact]
    public async Task The_answer_of_an_HTTP_2_backend_ends_for_a_client_that_goes_on_with_its_body_only_then()
    {
        await using var backend = RawBackend.Start(async connection =>
        {
            await connection.ReadHttp2RequestAsync();
            await connection.SendAsync("\0\0\u0001\u0001\u0004\0\0\0\u0001\u0088"); // HEADERS with status 200
            await connection.SendAsync("\0\0\u0002\0\u0001\0\0\0\u0001ok"); // DATA that ends the stream
            await connection.StallAsync();
        });
        var host = await gateway.ServeAsync(backend.Port, "kubernetes.io/h2c");
        await using var client = await gateway.DialAsync();

        await client.SendAsync($"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10\r\n\r\nhello");

        Assert.Equal("ok", (await client.ReadAnswerAsync()).Body);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_backend_may_be_behind_TLS_with_any_certificate(string version)
    {
        await using var backend = await TestBackend.StartAsync(
            context => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host} {context.Connection.Id}"), tls: true);
        (string Name, string Value)[] https = [("backend-protocol", "HTTPS")];
        var (first, second) = (await gateway.ServeAsync(backend.Port, annotations: https), await gateway.ServeAsync(backend.Port, annotations: https));
        HashSet<string> connections = [];

        foreach (var host in new[] { first, second, first })
        {
            using var request = Requests.Create("GET", $"https://{host}/", version);
            using var answer = await gateway.Client.SendAsync(request, Cancellation);
            var words = (await answer.Content.ReadAsStringAsync(Cancellation)).Split(' ');
            Assert.Equal(["HTTP/1.1", host], words[..2]);
            connections.Add(words[2]);
        }

        // Hosts share connections.
        Assert.Single(connections);
    }
}
