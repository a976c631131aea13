using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer.Access;
using Gateway.Testing.ApiServer.Requests;
using Gateway.Testing.ApiServer.Storage;
using Gateway.Testing.ApiServer.Writing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace Gateway.Testing.ApiServer;

/// <summary>
/// An in-process double of kube-apiserver for the kinds and verbs that the gateway uses. It answers as recordings of a real
/// server (v1.36) show. What it leaves out: schemas (unknown fields are kept), other patches than merge patches,
/// upkeep of managedFields, dry runs, most of validation, users and groups in role bindings, core/v1 Events, discovery, admission, and controllers of any kind.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly ObjectStore _store;
    private readonly ObjectWriter _writer;
    private readonly Authenticator _authenticator;
    private readonly RequestHandler _handler;
    private readonly X509Certificate2? _certificate;
    private WebApplication? _listener;
    private int _port;

    private ApiServer(ApiServerOptions options)
    {
        _store = new ObjectStore(options.HistoryLimit);
        _writer = new ObjectWriter(_store, options);
        _authenticator = new Authenticator(options.Time);
        _handler = new RequestHandler(_store, _writer, _authenticator, new Authorizer(_store), Faults, options);
        _certificate = options.Tls ? ServingCertificate.Create() : null;
        foreach (var name in (string[])["default", "kube-system"])
            Put(new JsonObject { ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });
    }

    /// <summary>http(s)://127.0.0.1:PORT, without a path; the same for the server's whole life.</summary>
    public Uri Address => new($"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_port}");

    /// <summary>What is to go wrong.</summary>
    public Faults Faults { get; } = new();

    /// <summary>All requests for resources so far, in order of arrival.</summary>
    public IReadOnlyList<ApiCall> Calls => _handler.Calls;

    /// <summary>The newest resourceVersion, over all kinds.</summary>
    public long ResourceVersion => _store.Revision;

    /// <summary>Starts a server with the namespaces default and kube-system, on a port of 127.0.0.1 that the system picks.</summary>
    public static async Task<ApiServer> StartAsync(ApiServerOptions? options = null)
    {
        var server = new ApiServer(options ?? new ApiServerOptions());
        await server.ListenAsync();
        return server;
    }

    /// <summary>Creates or replaces an object without a request; its status too if one is given. Its namespace is made when it is missing.</summary>
    /// <exception cref="ArgumentException">The object is not valid, or of a kind that is not served.</exception>
    public JsonObject Put(JsonObject obj)
    {
        try
        {
            return Whole(_writer.Put(ResourceType.OfKind(obj.TextAt("kind")), obj));
        }
        catch (ApiStatus refused)
        {
            throw new ArgumentException(refused.Message, nameof(obj), refused);
        }
    }

    /// <summary><see cref="Put"/> for each document of a YAML text.</summary>
    public IReadOnlyList<JsonObject> Apply(string yaml) => [.. YamlDocuments.Read(yaml).Select(Put)];

    /// <summary>Removes an object at once, whatever finalizers it has.</summary>
    /// <param name="kind">Such as Ingress.</param>
    /// <param name="ns">The namespace; null for cluster-scoped kinds.</param>
    /// <param name="name">The name.</param>
    /// <returns>False if there is none.</returns>
    public bool Delete(string kind, string? ns, string name)
    {
        var type = ResourceType.OfKind(kind);
        using var _ = _store.Gate.EnterScope();
        if (_store.Find(type, ns, name) is not { } current)
            return false;
        _store.Commit(type, current, null);
        return true;
    }

    /// <summary>A copy of an object as it is stored, or null.</summary>
    public JsonObject? Get(string kind, string? ns, string name)
    {
        using var _ = _store.Gate.EnterScope();
        return _store.Find(ResourceType.OfKind(kind), ns, name) is { } stored ? Whole(stored) : null;
    }

    /// <summary>Copies of all objects of a kind, by namespace and name.</summary>
    public IReadOnlyList<JsonObject> List(string kind) => [.. _store.Newest(ResourceType.OfKind(kind)).Items.Values.Select(Whole)];

    /// <summary>Forgets all history: continue tokens expire, and watches that start before now are answered with 410 in the stream.</summary>
    public void Compact() => _store.Compact();

    /// <summary>A bearer token for a service account; needed with <see cref="ApiServerOptions.Rbac"/> only.</summary>
    public string CreateToken(string ns, string serviceAccount, TimeSpan? lifetime = null) =>
        _authenticator.Issue(ns, serviceAccount, lifetime ?? TimeSpan.FromHours(1));

    /// <summary>Writes a kubeconfig that leads here.</summary>
    /// <param name="path">The file.</param>
    /// <param name="token">A bearer token; the administrator's if null.</param>
    /// <returns>The path.</returns>
    public string WriteKubeconfig(string path, string? token = null)
    {
        var authority = _certificate is null ? "" : $", certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(_certificate.ExportCertificatePem()))}";
        File.WriteAllText(path, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster: {server: "{{Address.GetLeftPart(UriPartial.Authority)}}"{{authority}}}
            users:
            - name: test
              user: {token: {{token ?? Authenticator.Administrator}}}
            contexts:
            - name: test
              context: {cluster: test, user: test, namespace: default}
            """);
        return path;
    }

    /// <summary>Goes away: new connections are refused, open ones are cut. All objects stay.</summary>
    public async Task StopListeningAsync()
    {
        if (_listener is not { } listener)
            return;
        _listener = null;
        Faults.CutWatches();
        using (var now = new CancellationTokenSource())
        {
            await now.CancelAsync();
            await listener.StopAsync(now.Token);
        }
        await listener.DisposeAsync();
    }

    /// <summary>Comes back on the same port after <see cref="StopListeningAsync"/>.</summary>
    public async Task ListenAsync()
    {
        if (_listener is not null)
            return;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A watch whose client reads nothing for a while is not cut.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _port, endpoint =>
            {
                if (_certificate is not null)
                    endpoint.UseHttps(_certificate);
            });
        });
        if (_certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        var listener = builder.Build();
        listener.Run(_handler.HandleAsync);
        await listener.StartAsync();
        _port = new Uri(listener.Urls.First()).Port;
        _listener = listener;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Faults.FreezeWatches = false;
        await StopListeningAsync();
        _certificate?.Dispose();
    }

    private static JsonObject Whole(StoredObject stored) => JsonNode.Parse(Wire.Object(stored, false))!.AsObject();
}
