using System.Net;
using Gateway.EndToEnd.Tests.Harness;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Gateway.EndToEnd.Tests.Forwarding;

/// <summary>Nothing is held back: each side sees what the other has sent, when it was sent.</summary>
public sealed class StreamingTests(SharedGateway gateway) : IClassFixture<SharedGateway>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Protocols of the client and of the backend.</summary>
    public static TheoryData<string, string> Protocols => new() { { "1.1", "1.1" }, { "2.0", "1.1" }, { "1.1", "2.0" }, { "2.0", "2.0" } };

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Events_arrive_one_by_one_and_the_head_before_the_first(string client, string server)
    {
        var events = new SemaphoreSlim(0);
        await using var backend = await StartAsync(server, async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            for (var i = 0; i < 3; i++)
            {
                await events.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        });
        var host = await gateway.ServeAsync(backend.Port, AppProtocol(server));

        using var request = Requests.Create("GET", $"http://{host}/", client);
        using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation));
        for (var i = 0; i < 3; i++)
        {
            events.Release();
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
            Assert.Equal("", await reader.ReadLineAsync(Cancellation));
        }
        Assert.Null(await reader.ReadLineAsync(Cancellation));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task The_backend_sees_a_part_of_the_body_before_the_client_sends_the_next(string client, string server)
    {
        var seen = new SemaphoreSlim(0);
        await using var backend = await StartAsync(server, async context =>
        {
            var buffer = new byte[100];
            var text = "";
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is > 0 and var count)
            {
                text += System.Text.Encoding.ASCII.GetString(buffer, 0, count);
                seen.Release();
            }
            await context.Response.WriteAsync(text, context.RequestAborted);
        });
        var host = await gateway.ServeAsync(backend.Port, AppProtocol(server));
        using var request = Requests.Create("POST", $"http://{host}/", client);
        request.Content = new ScriptedContent(async stream =>
        {
            string[] parts = ["one,", "two,", "three"];
            foreach (var part in parts)
            {
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(part), Cancellation);
                await stream.FlushAsync(Cancellation);
                Assert.True(await seen.WaitAsync(TimeSpan.FromSeconds(10), Cancellation), $"{part} was held back");
            }
        });

        using var answer = await gateway.Client.SendAsync(request, Cancellation);

        Assert.Equal("one,two,three", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Both_directions_flow_at_once_to_an_HTTP_2_backend()
    {
        const int Size = 20 << 20;
        await using var backend = await StartAsync("2.0", context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
        var host = await gateway.ServeAsync(backend.Port, AppProtocol("2.0"), [("proxy-body-size", "0")]);
        using var request = Requests.Create("POST", $"http://{host}/", "2.0");
        request.Content = new ScriptedContent(async stream => await stream.WriteAsync(new byte[Size], Cancellation));

        using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);

        Assert.Equal(Size, (await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length);
    }

    [Fact]
    public async Task A_long_poll_is_answered_when_the_backend_is_ready()
    {
        var ready = new TaskCompletionSource();
        await using var backend = await StartAsync("1.1", async context =>
        {
            await ready.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("news", context.RequestAborted);
        });
        var host = await gateway.ServeAsync(backend.Port);

        var polling = gateway.Client.GetStringAsync(new Uri($"http://{host}/"), Cancellation);
        // Others are served meanwhile.
        using (await gateway.Client.GetAsync(new Uri($"http://{host}/.served"), Cancellation))
            Assert.False(polling.IsCompleted);
        ready.SetResult();

        Assert.Equal("news", await polling);
    }

    private static string? AppProtocol(string version) => version == "2.0" ? "kubernetes.io/h2c" : null;

    private static Task<TestBackend> StartAsync(string version, RequestDelegate answer) =>
        TestBackend.StartAsync(answer, version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1);

    /// <summary>A body written by a script.</summary>
    private sealed class ScriptedContent(Func<Stream, Task> write) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => write(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
