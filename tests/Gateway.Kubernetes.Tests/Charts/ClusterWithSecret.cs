using System.Net;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>As much of an API server as Helm asks before an upgrade: which kinds there are, and a Secret.</summary>
internal sealed class ClusterWithSecret : IAsyncDisposable
{
    private readonly WebApplication _server;

    private ClusterWithSecret(WebApplication server) => _server = server;

    /// <summary>The arguments that lead Helm here, for an upgrade that changes nothing.</summary>
    public string[] Arguments =>
        ["--kube-apiserver", _server.Urls.Single(), "--dry-run=server", "--is-upgrade", "--disable-openapi-validation"];

    /// <summary>Starts one that knows the kinds of <paramref name="objects"/>.</summary>
    public static async Task<ClusterWithSecret> StartAsync(IEnumerable<IKubernetesObject<V1ObjectMeta>> objects, V1Secret secret)
    {
        var kinds = objects.GroupBy(o => o.ApiVersion).ToDictionary(group => group.Key, group => group.DistinctBy(o => o.Kind).ToList());
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.Run(Answer);
        await server.StartAsync();
        return new ClusterWithSecret(server);

        Task Answer(HttpContext context)
        {
            var path = context.Request.Path.Value!;
            object? answer = path switch
            {
                "/version" => new { gitVersion = "v1.33.0" },
                "/api" => new { versions = new[] { "v1" } },
                "/apis" => new { groups = kinds.Keys.Where(version => version.Contains('/')).Select(Group) },
                _ when path == $"/api/v1/namespaces/{secret.Metadata.NamespaceProperty}/secrets/{secret.Metadata.Name}" => secret,
                _ => kinds.TryGetValue(path[(path.IndexOf('/', 1) + 1)..], out var known) ? new { resources = known.Select(Resource) } : null,
            };
            context.Response.StatusCode = answer is null ? 404 : 200;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(KubernetesJson.Serialize(answer ?? new V1Status { Reason = "NotFound", Code = 404 }));
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static object Group(string groupVersion) =>
        new { name = groupVersion.Split('/')[0], versions = new[] { new { groupVersion, version = groupVersion.Split('/')[1] } } };

    private static object Resource(IKubernetesObject<V1ObjectMeta> sample) => new
    {
        kind = sample.Kind,
        name = sample.Kind.ToLowerInvariant() + (sample.Kind.EndsWith('s') ? "es" : "s"),
        namespaced = sample.Metadata.NamespaceProperty is not null,
        verbs = new[] { "get" },
    };
}
