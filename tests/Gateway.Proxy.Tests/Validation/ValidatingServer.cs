using Gateway.Proxy.Tests.Listeners;
using Gateway.Proxy.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Validation;

/// <summary>A server whose application does nothing but run the validator, in the way that the gateway does.</summary>
internal static class ValidatingServer
{
    public static Task<TestServer> StartAsync() => TestServer.StartAsync(AnswerAsync);

    private static async Task AnswerAsync(IFeatureCollection features)
    {
        var request = features.Get<IHttpRequestFeature>()!;
        var isHttp2 = request.Protocol == HttpProtocol.Http2;
        var fields = new RequestFields();
        fields.Take(request.Headers);
        var fault = RequestValidator.Check(request, fields, features.Get<IFieldWatch>(), features.Get<IHttpExtendedConnectFeature>());
        if (fault is not null && !isHttp2)
            features.Get<IHttpResponseFeature>()!.Headers.Connection = "close";
        if (fault is not null)
            await features.AnswerAsync(fault.Reason, fault.StatusCode);
        else if (request.Method != "CONNECT") // A tunnel's 200 has no body.
            await features.AnswerAsync(RequestValidator.IsAboutGateway(request) ? "gateway" : $"{request.Headers.Host}{request.RawTarget}");
        features.Get<IFieldWatch>()!.Forget(request.Headers);
    }
}
