using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Proxy.Tests.Listeners;

internal static class Answers
{
    public static async Task AnswerAsync(this IFeatureCollection features, string body, int status = 200)
    {
        var bytes = Encoding.Latin1.GetBytes(body);
        var response = features.Get<IHttpResponseFeature>()!;
        response.StatusCode = status;
        response.Headers.ContentLength = bytes.Length;
        await features.Get<IHttpResponseBodyFeature>()!.Writer.WriteAsync(bytes);
    }
}
