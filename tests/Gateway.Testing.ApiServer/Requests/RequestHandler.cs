using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer.Access;
using Gateway.Testing.ApiServer.Reading;
using Gateway.Testing.ApiServer.Storage;
using Gateway.Testing.ApiServer.Writing;
using Microsoft.AspNetCore.Http;

namespace Gateway.Testing.ApiServer.Requests;

/// <summary>From a request to its answer: faults first, then who may do it, then the verb.</summary>
internal sealed class RequestHandler(ObjectStore store, ObjectWriter writer, Authenticator authenticator, Authorizer authorizer, Faults faults, ApiServerOptions options)
{
    private readonly ConcurrentQueue<ApiCall> _calls = [];

    public IReadOnlyList<ApiCall> Calls => [.. _calls];

    public async Task HandleAsync(HttpContext http)
    {
        ApiCall? call = null;
        http.Response.OnStarting(() =>
        {
            call?.Status = http.Response.StatusCode;
            return Task.CompletedTask;
        });
        try
        {
            var user = options.Rbac ? authenticator.User(http.Request.Headers.Authorization) : Authenticator.Administrator;
            if (http.Request.Path.Value is "/version" or "/healthz" or "/livez" or "/readyz")
            {
                await Answer.SendAsync(http, 200, http.Request.Path == "/version"
                    ? """{"major":"1","minor":"36","gitVersion":"v1.36.2"}"""u8.ToArray() : "ok"u8.ToArray());
                return;
            }
            var path = ApiPath.Parse(http.Request.Path.Value!);
            call = Describe(http.Request, path);
            _calls.Enqueue(call);
            if (faults.Before is { } before)
                await before(call);
            faults.OnRequest(call);
            if (faults.Forbids(call) || !authorizer.Allows(user, call))
                throw ApiStatus.Forbidden(call, user);
            await (call.Verb switch
            {
                "list" => ListAsync(http, path),
                "watch" => WatchAsync(http, path),
                "get" => Answer.SendAsync(http, 200, Wire.Object(Existing(path), Answer.WantsMetadata(http.Request))),
                "create" when path.Subresource == "token" => IssueTokenAsync(http, path),
                "create" => CreateAsync(http, path),
                "update" => UpdateAsync(http, path),
                "patch" => PatchAsync(http, path),
                "delete" => DeleteAsync(http, path),
                _ => DeleteAllAsync(http, path),
            });
        }
        catch (ApiStatus status)
        {
            await Answer.SendAsync(http, status);
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }
    }

    private static ApiCall Describe(HttpRequest request, ApiPath path) => new()
    {
        Verb = (request.Method, path.Name, path.Subresource) switch
        {
            ("GET", null, _) => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
            ("GET", _, not "token") => "get",
            ("POST", null, _) or ("POST", _, "token") => "create",
            ("PUT", not null, not "token") => "update",
            ("PATCH", not null, not "token") => "patch",
            ("DELETE", not null, null) => "delete",
            ("DELETE", null, _) => "deletecollection",
            _ => throw ApiStatus.MethodNotAllowed(),
        },
        Group = path.Type.Group,
        Resource = path.Type.Plural,
        Subresource = path.Subresource,
        // The Namespace object itself counts as inside of itself.
        Namespace = path.Type == ResourceType.Namespace ? path.Name : path.Namespace,
        Name = path.Name,
        Query = request.QueryString.Value!.TrimStart('?'),
        UserAgent = request.Headers.UserAgent.ToString(),
    };

    private StoredObject Existing(ApiPath path) =>
        store.Find(path.Type, path.Namespace, path.Name!) ?? throw ApiStatus.NotFound(path.Type, path.Name!);

    private static Selector SelectorOf(HttpRequest request, ApiPath path) =>
        new(path.Type, path.Namespace, request.Query["labelSelector"], request.Query["fieldSelector"]);

    private Task ListAsync(HttpContext http, ApiPath path) => Answer.SendAsync(http, 200, ListReader.Read(
        store, faults, path.Type, path.Namespace, SelectorOf(http.Request, path), new ReadOptions(http.Request.Query, watch: false), Answer.WantsMetadata(http.Request)));

    private async Task WatchAsync(HttpContext http, ApiPath path)
    {
        var (selector, read) = (SelectorOf(http.Request, path), new ReadOptions(http.Request.Query, watch: true));
        if (faults.GoneOnWatch)
            throw ApiStatus.TooOld(read.Revision ?? 0, store.Revision + 1);
        var open = faults.Open(path.Type.Plural, http.RequestAborted);
        try
        {
            await new WatchStream(http, store, options, faults, open, path.Type, selector, read, Answer.WantsMetadata(http.Request)).RunAsync();
        }
        finally
        {
            faults.Close(open);
        }
    }

    private async Task CreateAsync(HttpContext http, ApiPath path)
    {
        var sent = await Answer.ReadObjectAsync(http.Request, path.Type.Kind);
        await Answer.SendAsync(http, 201, Wire.Object(writer.Create(path.Type, path.Namespace, sent, IsDryRun(http.Request)), false));
    }

    private async Task UpdateAsync(HttpContext http, ApiPath path)
    {
        var sent = await Answer.ReadObjectAsync(http.Request, path.Type.Kind);
        var (stored, created) = writer.Update(path.Type, path.Namespace, path.Name!, sent, path.Subresource, IsDryRun(http.Request));
        await Answer.SendAsync(http, created ? 201 : 200, Wire.Object(stored, false));
    }

    private async Task PatchAsync(HttpContext http, ApiPath path)
    {
        var mediaType = http.Request.ContentType?.Split(';')[0] ?? "";
        JsonNode patch;
        try
        {
            patch = (await JsonNode.ParseAsync(http.Request.Body))!;
        }
        catch (JsonException)
        {
            throw ApiStatus.BadRequest("error decoding patch: unexpected end of JSON input");
        }
        var stored = writer.Patch(path.Type, path.Namespace, path.Name!, old => Patch.Apply(mediaType, old, patch), path.Subresource, IsDryRun(http.Request));
        await Answer.SendAsync(http, 200, Wire.Object(stored, false));
    }

    private async Task DeleteAsync(HttpContext http, ApiPath path)
    {
        var preconditions = await Answer.ReadOptionsAsync(http.Request);
        var current = Existing(path);
        var (wanted, actual) = (preconditions.TextAt("preconditions.resourceVersion"), current.ToJson().TextAt("metadata.resourceVersion"));
        if (wanted is not null && wanted != actual)
        {
            throw ApiStatus.Conflict(path.Type, path.Name!,
                $"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({actual}). The object might have been modified");
        }
        if (writer.Delete(current) is { } held)
        {
            await Answer.SendAsync(http, 200, Wire.Object(held, false));
            return;
        }
        var details = ApiStatus.Details(path.Type, path.Name!);
        details["uid"] = current.ToJson().TextAt("metadata.uid");
        await Answer.SendAsync(http, 200, Json.Bytes(new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        }));
    }

    private async Task DeleteAllAsync(HttpContext http, ApiPath path)
    {
        var selector = SelectorOf(http.Request, path);
        var (items, revision) = store.Newest(path.Type);
        var doomed = items.Values.Where(selector.Matches).ToArray();
        foreach (var stored in doomed)
            writer.Delete(stored);
        await Answer.SendAsync(http, 200, ListReader.Write(path.Type, new JsonObject { ["resourceVersion"] = $"{revision}" }, doomed, false));
    }

    private async Task IssueTokenAsync(HttpContext http, ApiPath path)
    {
        var request = await Answer.ReadObjectAsync(http.Request, "TokenRequest");
        var account = Existing(path);
        var lifetime = TimeSpan.FromSeconds((long?)request.At("spec.expirationSeconds") ?? 3600);
        if (lifetime < TimeSpan.FromMinutes(10))
            throw ApiStatus.Invalid("authentication.k8s.io", "TokenRequest", "", [Cause.Invalid("spec.expirationSeconds", (long)lifetime.TotalSeconds, "may not specify a duration less than 10 minutes")]);
        request["kind"] = "TokenRequest";
        request["apiVersion"] = "authentication.k8s.io/v1";
        request["metadata"] = account.ToJson()["metadata"]!.DeepClone();
        request["status"] = new JsonObject
        {
            ["token"] = authenticator.Issue(path.Namespace!, path.Name!, lifetime),
            ["expirationTimestamp"] = (options.Time.GetUtcNow() + lifetime).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        };
        await Answer.SendAsync(http, 201, Json.Bytes(request));
    }

    private static bool IsDryRun(HttpRequest request) => request.Query["dryRun"] == "All";
}
