using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Tests.Simulated;

/// <summary>One request that the API got.</summary>
internal sealed record ScriptedRequest(string Client, string Method, string Path, string Query, JsonNode? Body, int Status)
{
    public bool Writes => Method != "GET";
}

/// <summary>
/// Objects under their paths, with resource versions, in the memory of the test: answers at once and on the same
/// thread, so that it can be used on a simulated clock.
/// </summary>
internal sealed class ScriptedApi(TimeProvider time)
{
    private readonly Dictionary<string, JsonObject> _objects = [];
    private int _version = 100;

    public List<ScriptedRequest> Requests { get; } = [];

    /// <summary>Told of every object that changes, with null when it is gone.</summary>
    public Action<string, JsonObject?>? Changed { get; set; }

    /// <summary>Called before each request is served; may answer in its place.</summary>
    public Func<ScriptedRequest, HttpResponseMessage?>? Intercept { get; set; }

    public IEnumerable<ScriptedRequest> Writes => Requests.Where(request => request.Writes);

    /// <summary>A client with a connection of its own.</summary>
    public (ApiClient Client, Connection Connection) Connect(string name)
    {
        var connection = new Connection(this, name);
        return (new ApiClient(new HttpMessageInvoker(connection), new Uri("http://api.test"), time), connection);
    }

    public JsonObject? Get(string path) => _objects.GetValueOrDefault(path);

    public JsonObject Put(string path, JsonObject value)
    {
        var metadata = value["metadata"] as JsonObject ?? [];
        value["metadata"] ??= metadata;
        metadata["name"] ??= path[(path.LastIndexOf('/') + 1)..];
        metadata["uid"] ??= _objects.GetValueOrDefault(path)?["metadata"]?["uid"]?.DeepClone() ?? $"uid-{_version}";
        metadata["resourceVersion"] = (++_version).ToString();
        _objects[path] = value;
        Changed?.Invoke(path, value);
        return value;
    }

    public void Delete(string path)
    {
        _objects.Remove(path);
        Changed?.Invoke(path, null);
    }

    public static HttpResponseMessage Refuse(int code, string reason, string message = "refused by the test") =>
        Answer(code, new JsonObject { ["kind"] = "Status", ["code"] = code, ["reason"] = reason, ["message"] = message });

    /// <summary><c>metadata.managedFields</c> after <paramref name="manager"/> wrote the status.</summary>
    public static JsonArray StatusOwnedBy(string manager) => new(new JsonObject
    {
        ["manager"] = manager,
        ["operation"] = "Update",
        ["fieldsV1"] = JsonNode.Parse("""{"f:status": {"f:loadBalancer": {"f:ingress": {}}}}"""),
        ["subresource"] = "status",
    });

    private static HttpResponseMessage Answer(int code, JsonNode body) =>
        new((HttpStatusCode)code) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) };

    private HttpResponseMessage Serve(string client, HttpRequestMessage message, JsonNode? body)
    {
        var (path, query) = (message.RequestUri!.AbsolutePath, message.RequestUri.Query);
        var request = new ScriptedRequest(client, message.Method.Method, path, query, body, 0);
        var answer = Intercept?.Invoke(request) ?? Serve(message.Method.Method, path, query, body);
        Requests.Add(request with { Status = (int)answer.StatusCode });
        return answer;
    }

    private HttpResponseMessage Serve(string method, string path, string query, JsonNode? body)
    {
        switch (method)
        {
            case "GET" when _objects.TryGetValue(path, out var found):
                return Answer(200, found);
            case "GET" when path.EndsWith('s') && HttpUtility.ParseQueryString(query)["labelSelector"] is { } selector:
                var matching = _objects.Where(entry => entry.Key.StartsWith(path + "/", StringComparison.Ordinal) && Matches(entry.Value, selector));
                return Answer(200, new JsonObject { ["items"] = new JsonArray([.. matching.Select(entry => entry.Value.DeepClone())]) });
            case "POST":
                var created = $"{path}/{body!["metadata"]!["name"]}";
                return _objects.ContainsKey(created) ? Refuse(409, "AlreadyExists") : Answer(201, Put(created, (JsonObject)body));
            case "PUT" when _objects.TryGetValue(path, out var known):
                return IsStale(known, body!) ? Refuse(409, "Conflict") : Answer(200, Put(path, (JsonObject)body!));
            case "PATCH" when _objects.TryGetValue(path.Replace("/status", ""), out var patched):
                return Patch(path.Replace("/status", ""), patched, (JsonObject)body!, query, path.EndsWith("/status", StringComparison.Ordinal));
            default:
                return Refuse(404, "NotFound", $"{path} not found");
        }
    }

    private HttpResponseMessage Patch(string path, JsonObject known, JsonObject patch, string query, bool status)
    {
        if (IsStale(known, patch))
            return Refuse(409, "Conflict");
        var merged = (JsonObject)known.DeepClone();
        Merge(merged, patch);
        merged["metadata"]!["resourceVersion"] = known["metadata"]!["resourceVersion"]!.DeepClone();
        if (JsonNode.DeepEquals(merged, known))
            return Answer(200, known);
        if (status)
            merged["metadata"]!["managedFields"] = StatusOwnedBy(HttpUtility.ParseQueryString(query)["fieldManager"] ?? "unknown");
        return Answer(200, Put(path, merged));
    }

    /// <summary>RFC 7396.</summary>
    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner)
            {
                if (target[name] is not JsonObject nested)
                    target[name] = nested = [];
                Merge(nested, inner);
            }
            else
                target[name] = value.DeepClone();
        }
    }

    private static bool IsStale(JsonObject known, JsonNode written) =>
        (string?)written["metadata"]?["resourceVersion"] is { } version && version != (string?)known["metadata"]!["resourceVersion"];

    private static bool Matches(JsonObject resource, string selector) =>
        selector.Split(',').All(term => term.Split('=') is [var key, var value] && (string?)resource["metadata"]?["labels"]?[key] == value);

    /// <summary>The way of one client to the API.</summary>
    internal sealed class Connection(ScriptedApi api, string client) : HttpMessageHandler
    {
        /// <summary>No answer ever comes, as over a connection that is half open.</summary>
        public bool IsSilent { get; set; }

        /// <summary>Requests arrive and are served, but their answers get lost.</summary>
        public bool LosesAnswers { get; set; }

        /// <summary>Nothing listens.</summary>
        public bool IsRefused { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (IsRefused)
                throw new HttpRequestException("Connection refused");
            HttpResponseMessage? answer = null;
            if (!IsSilent)
            {
                var body = request.Content is { } content ? JsonNode.Parse(await content.ReadAsByteArrayAsync(cancellationToken)) : null;
                answer = api.Serve(client, request, body);
            }
            if (answer is null || LosesAnswers)
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return answer!;
        }
    }
}
