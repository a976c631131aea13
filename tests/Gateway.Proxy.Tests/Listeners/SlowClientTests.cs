using System.Buffers;
using Gateway.Proxy.Tests.Http2;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Listeners;

/// <summary>
/// Slow clients are a matter of the settings, not of the server's own least rates, which would cut them off after five
/// seconds by a clock that no test can set.
/// </summary>
public sealed class SlowClientTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private const int Pauses = 15;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_and_downloads_may_be_as_slow_as_they_like()
    {
        await using var server = await TestServer.StartAsync(EchoAsync);

        await Task.WhenAll(UploadAsync(server), DownloadAsync(server));
    }

    private static async Task UploadAsync(TestServer server)
    {
        using var client = await RawClient.ConnectAsync(server.PlainEndPoint);
        await client.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {Pauses}\r\n\r\n");
        for (var sent = 0; sent < Pauses; sent++)
        {
            await Task.Delay(Pause, Cancellation);
            await client.SendAsync("x");
        }

        Assert.Equal(new string('x', Pauses), (await client.ReadAnswerAsync())?.Body);
    }

    private static async Task DownloadAsync(TestServer server)
    {
        using var client = await RawHttp2Client.ConnectAsync(server.PlainEndPoint);
        // INITIAL_WINDOW_SIZE 0: nothing of the body comes before the client asks for it.
        await client.SendFrameAsync(RawHttp2Client.FrameType.Settings, 0, 0, [0, 4, 0, 0, 0, 0]);
        var stream = await client.SendHeadersAsync([.. RawHttp2Client.Get("a")], endStream: false);
        await client.SendDataAsync(stream, new byte[Pauses], endStream: true);
        await Task.Delay(Pause * Pauses, Cancellation);
        await client.SendFrameAsync(RawHttp2Client.FrameType.WindowUpdate, 0, stream, [0, 0, 0, Pauses]);

        Assert.Equal(Pauses, (await client.ReadAnswerAsync(stream)).Body.Length);
    }

    private static async Task EchoAsync(IFeatureCollection features)
    {
        var body = new MemoryStream();
        await features.Get<IHttpRequestFeature>()!.Body.CopyToAsync(body, Cancellation);
        var answer = features.Get<IHttpResponseBodyFeature>()!;
        features.Get<IHttpResponseFeature>()!.Headers.ContentLength = body.Length;
        answer.Writer.Write(body.ToArray());
        await answer.CompleteAsync();
    }
}
