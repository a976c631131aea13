using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>A backend that tells what it was asked.</summary>
internal static class EchoBackend
{
    /// <summary>Its answer: its name, the request line, and the request's fields, one a line.</summary>
    public static Task<TestBackend> StartAsync(string name) => TestBackend.StartAsync(context =>
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var fields = context.Request.Headers.Select(field => $"{field.Key}: {field.Value}");
        var body = Encoding.UTF8.GetBytes(string.Join('\n', [name, $"{context.Request.Method} {target}", .. fields]));
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    });
}
