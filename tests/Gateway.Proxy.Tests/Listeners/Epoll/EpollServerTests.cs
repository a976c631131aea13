using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Listeners.Epoll;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

/// <summary>The server on this transport.</summary>
public sealed class EpollServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http", "1.1")]
    [InlineData("https", "1.1")]
    [InlineData("http", "2.0")]
    [InlineData("https", "2.0")]
    public async Task Bodies_pass_both_ways_unchanged(string scheme, string version)
    {
        await using var server = await StartAsync(EchoAsync);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        using var client = new HttpClient(handler);
        var body = Sockets.Pattern(5_000_000);
        var port = (scheme == "http" ? server.PlainEndPoint : server.TlsEndPoint).Port;

        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{scheme}://127.0.0.1:{port}/")
            {
                Version = Version.Parse(version),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(body),
            };
            request.Headers.Host = "a";
            using var answer = await client.SendAsync(request, Cancellation);
            Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(Cancellation));
        }
    }

    [Fact]
    public async Task A_client_that_ends_its_side_after_the_request_gets_the_whole_answer()
    {
        var body = new string('x', 1_000_000);
        await using var server = await StartAsync(async features =>
        {
            await Task.Delay(10, Cancellation);
            await features.AnswerAsync(body);
        });

        for (var i = 0; i < 50; i++)
        {
            using var client = await ConnectAsync(server);
            await client.SendAllAsync(Encoding.ASCII.GetBytes(Get));
            client.Shutdown(SocketShutdown.Send);
            Assert.EndsWith("\r\n\r\n" + body, Encoding.ASCII.GetString(await client.ReadToEndAsync()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Requests_run_on_the_loop_of_their_connection_and_the_loops_share_the_connections()
    {
        var loops = new ConcurrentDictionary<EventLoop, int>();
        await using var server = await StartAsync(features =>
        {
            var loop = features.Get<EventLoop>()!;
            loops.AddOrUpdate(loop, 1, (_, count) => count + 1);
            return features.AnswerAsync(loop.IsCurrent ? "on its loop" : "elsewhere");
        });
        var clients = await Task.WhenAll(Enumerable.Range(0, 20 * EventLoop.All.Length).Select(_ => RawClient.ConnectAsync(server.PlainEndPoint)));

        foreach (var client in clients)
        {
            await client.SendAsync(Get);
            Assert.Equal("on its loop", (await client.ReadAnswerAsync())?.Body);
        }

        Assert.Equal(EventLoop.All.Length, loops.Count);
        foreach (var client in clients)
            client.Dispose();
    }

    [Fact]
    public async Task A_slow_handler_holds_up_nobody_else()
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(async features =>
        {
            if (features.Get<IHttpRequestFeature>()!.Path == "/slow")
                await finish.Task;
            await features.AnswerAsync("ok");
        });
        var slow = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RawClient.ConnectAsync(server.PlainEndPoint)));
        foreach (var client in slow)
            await client.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");

        for (var i = 0; i < 20; i++)
        {
            using var client = await RawClient.ConnectAsync(server.PlainEndPoint);
            await client.SendAsync(Get);
            Assert.Equal("ok", (await client.ReadAnswerAsync())?.Body);
        }

        finish.SetResult();
        foreach (var client in slow)
        {
            Assert.Equal("ok", (await client.ReadAnswerAsync())?.Body);
            client.Dispose();
        }
    }

    [Fact]
    public async Task Downloads_and_uploads_without_end_leave_others_their_turn()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var chunk = new byte[64 * 1024];
        await using var server = await StartAsync(async features =>
        {
            if (features.Get<IHttpRequestFeature>()!.Path == "/endless")
            {
                var writer = features.Get<IHttpResponseBodyFeature>()!.Writer;
                while (!end.IsCancellationRequested && !(await writer.WriteAsync(chunk, CancellationToken.None)).IsCompleted)
                {
                }
            }
            else
            {
                await EchoAsync(features);
            }
        });
        // More than there are loops: each has some that never rest.
        var greedy = Enumerable.Range(0, 3 * EventLoop.All.Length).Select(number => number % 2 == 0 ? DownloadAsync(server, end.Token) : UploadAsync(server, end.Token)).ToArray();

        for (var i = 0; i < 50; i++)
        {
            using var client = await RawClient.ConnectAsync(server.PlainEndPoint);
            await client.SendAsync(Get);
            Assert.Equal(200, (await client.ReadAnswerAsync())?.Status);
        }

        Assert.All(greedy, task => Assert.False(task.IsCompleted));
        await end.CancelAsync();
        await Task.WhenAll(greedy);
    }

    private static Task<TestServer> StartAsync(Func<IFeatureCollection, Task> application) =>
        TestServer.StartAsync(application, transport: Transport.Epoll);

    private static async Task<Socket> ConnectAsync(TestServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.PlainEndPoint, Port.Deadline);
        return socket;
    }

    private static async Task EchoAsync(IFeatureCollection features)
    {
        var body = new MemoryStream();
        await features.Get<IHttpRequestFeature>()!.Body.CopyToAsync(body, Cancellation);
        features.Get<IHttpResponseFeature>()!.Headers.ContentLength = body.Length;
        await features.Get<IHttpResponseBodyFeature>()!.Writer.WriteAsync(body.ToArray(), Cancellation);
    }

    private static async Task DownloadAsync(TestServer server, CancellationToken end)
    {
        using var client = await ConnectAsync(server);
        await client.SendAllAsync("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        await MoveAsync(buffer => client.ReceiveAsync(buffer, end));
    }

    private static async Task UploadAsync(TestServer server, CancellationToken end)
    {
        using var client = await ConnectAsync(server);
        // Pipelined requests without end; the answers are read and forgotten.
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Get, 500)));
        await Task.WhenAll(MoveAsync(_ => client.SendAsync(requests.AsMemory(), end)), MoveAsync(buffer => client.ReceiveAsync(buffer, end)));
    }

    private static async Task MoveAsync(Func<Memory<byte>, ValueTask<int>> move)
    {
        var buffer = new byte[256 * 1024];
        try
        {
            while (await move(buffer) > 0)
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }
}
