using System.Collections.Concurrent;
using System.Text;
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
            if (http.Request.Path.Value == "/healthz")
            {
                await Answer.SendAsync(http, 200, "ok"u8.ToArray(), "text/plain; charset=utf-8");
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
                "get" => GetAsync(http, path),
                "create" => CreateAsync(http, path),
                "update" => UpdateAsync(http, path),
                "patch" => PatchAsync(http, path),
                _ => DeleteAsync(http, path),
            });
        }
        catch (ApiStatus status)
        {
            await Answer.SendAsync(http, status);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or InvalidCastException && !http.Response.HasStarted)
        {
            // A value of another type than the schema's.
            await Answer.SendAsync(http, ApiStatus.BadRequest(e.Message));
        }
        catch (JsonException)
        {
            await Answer.SendAsync(http, ApiStatus.BadRequest("error decoding patch: unexpected end of JSON input"));
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }
    }

    private static ApiCall Describe(HttpRequest request, ApiPath path) => new()
    {
        Verb = (request.Method, path.Name is null, path.Subresource is null) switch
        {
            ("GET", true, _) => request.Query["watch"].ToString() is "true" or "1" ? "watch" : "list",
            ("GET", false, _) => "get",
            ("POST", true, _) => "create",
            ("PUT", false, _) => "update",
            ("PATCH", false, _) => "patch",
            ("DELETE", false, true) => "delete",
            _ => throw ApiStatus.MethodNotAllowed(),
        },
        Group = path.Type.Group,
        Resource = path.Type.Plural,
        Subresource = path.Subresource,
        // The Namespace object itself counts as inside of itself.
        Namespace = path.Type == ResourceType.Namespace ? path.Name : path.Namespace,
        Name = path.Name ?? SelectedName(request),
        Query = request.QueryString.Value!.TrimStart('?'),
        UserAgent = request.Headers.UserAgent.ToString(),
        Accept = request.Headers.Accept.ToString(),
    };

    /// <summary>A LIST or WATCH of one object by its name counts as one of that name, so that a rule with resourceNames allows it.</summary>
    private static string? SelectedName(HttpRequest request) =>
        request.Query["fieldSelector"].ToString().Split(',') is [var only] && only.Split('=', 2) is ["metadata.name", var name] ? name.TrimStart('=') : null;

    private Task GetAsync(HttpContext http, ApiPath path) => Answer.SendAsync(http, 200, Wire.Object(
        store.Find(path.Type, path.Namespace, path.Name!) ?? throw ApiStatus.NotFound(path.Type, path.Name!), Answer.WantsMetadata(http.Request)));

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
        await Answer.SendAsync(http, 201, Wire.Object(writer.Create(path.Type, path.Namespace, sent), false));
    }

    private async Task UpdateAsync(HttpContext http, ApiPath path)
    {
        var sent = await Answer.ReadObjectAsync(http.Request, path.Type.Kind);
        var (stored, created) = writer.Update(path.Type, path.Namespace, path.Name!, sent, path.Subresource);
        await Answer.SendAsync(http, created ? 201 : 200, Wire.Object(stored, false));
    }

    private async Task PatchAsync(HttpContext http, ApiPath path)
    {
        var mediaType = http.Request.ContentType?.Split(';')[0] ?? "";
        var patch = await JsonNode.ParseAsync(http.Request.Body);
        var stored = writer.Patch(path.Type, path.Namespace, path.Name!, old => Patch.Apply(mediaType, old, patch), path.Subresource);
        await Answer.SendAsync(http, 200, Wire.Object(stored, false));
    }

    private Task DeleteAsync(HttpContext http, ApiPath path)
    {
        var (last, held) = writer.Delete(path.Type, path.Namespace, path.Name!);
        if (held)
            return Answer.SendAsync(http, 200, Wire.Object(last, false));
        var details = ApiStatus.Details(path.Type, path.Name!);
        details["uid"] = last.ToJson().TextAt("metadata.uid");
        return Answer.SendAsync(http, 200, Encoding.UTF8.GetBytes(
            $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{{Json.Text(details)}}}"""));
    }
}
