using System.Globalization;
using Gateway.Proxy.Tests.Http2;
using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Validation;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Validation;

public sealed class RequestValidatorTests
{
    private const string Request = "POST /a%20b?c HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nX-Own: 1\r\nX-Own: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";

    private readonly RequestFields _fields = new();

    [Fact]
    public async Task A_request_without_fault_costs_no_allocation_once_a_connection_is_warm()
    {
        await using var server = await TestServer.StartAsync(CountAllocationsAsync);
        using var http1 = await RawClient.ConnectAsync(server.PlainEndPoint);
        using var http2 = await RawHttp2Client.ConnectAsync(server.PlainEndPoint);
        var (first, second) = (new List<string>(), new List<string>());

        for (var i = 0; i < 10; i++)
        {
            await http1.SendAsync(Request);
            first.Add((await http1.ReadAnswerAsync())!.Body);
            second.Add((await http2.RequestAsync([.. RawHttp2Client.Get("a", "/a%20b?c"), ("te", "trailers"), ("x-own", "1"), ("x-own", "2")])).Body);
        }

        Assert.Contains("0", first);
        Assert.Contains("0", second);
    }

    /// <summary>Once a request, since the server lends its enumerator of headers once a request.</summary>
    private Task CountAllocationsAsync(IFeatureCollection features)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var request = features.Get<IHttpRequestFeature>()!;
        _fields.Take(request.Headers);
        var fault = RequestValidator.Check(request, _fields, features.Get<IFieldWatch>(), features.Get<IHttpExtendedConnectFeature>());
        _fields.Clear();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Null(fault);
        return features.AnswerAsync(allocated.ToString(CultureInfo.InvariantCulture));
    }
}
