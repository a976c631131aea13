using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer;

/// <summary>One thing that is wrong with one field.</summary>
internal sealed record Cause(string? Field, string Reason, string Message)
{
    public JsonObject ToJson()
    {
        JsonObject cause = new() { ["reason"] = Reason, ["message"] = Message };
        if (Field is not null)
            cause["field"] = Field;
        return cause;
    }

    public static Cause Invalid(string field, JsonNode? value, string why) =>
        new(field, "FieldValueInvalid", $"Invalid value: {Json.Text(value)}: {why}");

    public static Cause Required(string field, string? why = null) =>
        new(field, "FieldValueRequired", why is null ? "Required value" : $"Required value: {why}");

    public static Cause Unsupported(string field, JsonNode? value, params string[] supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: {Json.Text(value)}: supported values: {string.Join(", ", supported.Select(s => $"\"{s}\""))}");

    public static Cause Forbidden(string field, string why) => new(field, "FieldValueForbidden", $"Forbidden: {why}");

    public static Cause Immutable(string field, JsonNode? value) => Invalid(field, value, "field is immutable");
}

/// <summary>An answer that is an error: the Status object of the Kubernetes API, or plain text where a real server sends that.</summary>
internal sealed class ApiStatus(int code, string? reason, string message, JsonObject? details = null) : Exception(message)
{
    /// <summary>In the place of a code: the body begins, and then the connection is cut.</summary>
    public const int Cut = 0;

    /// <summary>In the place of a code: the body begins, and then nothing more comes.</summary>
    public const int Frozen = -1;

    public int Code => code;

    /// <summary>Sent as Retry-After, in seconds.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Send the message alone, as text/plain.</summary>
    public bool Plain { get; init; }

    /// <summary>metadata.continue: where an expired list can go on.</summary>
    public string? Continue { get; init; }

    public JsonObject ToJson()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = Continue is null ? [] : new JsonObject { ["continue"] = Continue },
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (reason is not null)
            status["reason"] = reason;
        if (details is not null)
            status["details"] = details.DeepClone();
        status["code"] = code;
        return status;
    }

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatus NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedPlural} \"{name}\" not found", Details(type, name));

    public static ApiStatus NoSuchResource() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiStatus NoSuchPath() => new(404, null, "404 page not found\n") { Plain = true };

    public static ApiStatus MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiStatus Exists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedPlural} \"{name}\" already exists", Details(type, name));

    public static ApiStatus Conflict(ResourceType type, string name, string why = "the object has been modified; please apply your changes to the latest version and try again") =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedPlural} \"{name}\": {why}", Details(type, name));

    public static ApiStatus Gone(string message, string? goOn = null) => new(410, "Expired", message) { Continue = goOn };

    public static ApiStatus TooOld(long revision, long oldest) => Gone($"too old resource version: {revision} ({oldest})");

    public static ApiStatus TooLarge(long revision, long current) => new(
        504, "Timeout", $"Timeout: Too large resource version: {revision}, current: {current}",
        new JsonObject { ["causes"] = new JsonArray(new Cause(null, "ResourceVersionTooLarge", "Too large resource version").ToJson()), ["retryAfterSeconds"] = 1 })
    { RetryAfter = 1 };

    public static ApiStatus TooManyRequests(int retryAfter) =>
        new(429, null, "Too many requests, please try again later.\n") { Plain = true, RetryAfter = retryAfter };

    public static ApiStatus Forbidden(ApiCall call, string user)
    {
        var plural = call.Group.Length == 0 ? call.Resource : $"{call.Resource}.{call.Group}";
        var named = call.Name is null ? plural : $"{plural} \"{call.Name}\"";
        var scope = call.Namespace is null ? "at the cluster scope" : $"in the namespace \"{call.Namespace}\"";
        return new(403, "Forbidden",
            $"{named} is forbidden: User \"{user}\" cannot {call.Verb} resource \"{call.Target}\" in API group \"{call.Group}\" {scope}",
            Details(call.Name, call.Group, call.Resource));
    }

    public static ApiStatus Terminating(ResourceType type, string name, string ns)
    {
        var details = Details(type, name);
        details["causes"] = new JsonArray(new Cause("metadata.namespace", "NamespaceTerminating", $"namespace {ns} is being terminated").ToJson());
        return new(403, "Forbidden", $"{type.QualifiedPlural} \"{name}\" is forbidden: unable to create new content in namespace {ns} because it is being terminated", details);
    }

    /// <summary>422. Errors of an Event name no group.</summary>
    public static ApiStatus Invalid(string group, string kind, string? name, IReadOnlyList<Cause> causes)
    {
        if (kind == "Event")
            group = "";
        var details = Details(name, group, kind);
        details["causes"] = new JsonArray([.. causes.Select(cause => cause.ToJson())]);
        var all = string.Join(", ", causes.Select(c => $"{c.Field}: {c.Message}"));
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new(422, "Invalid", $"{qualified} \"{name}\" is invalid: {(causes.Count == 1 ? all : $"[{all}]")}", details);
    }

    public static JsonObject Details(ResourceType type, string name) => Details(name, type.Group, type.Plural);

    private static JsonObject Details(string? name, string group, string kind)
    {
        JsonObject details = [];
        if (!string.IsNullOrEmpty(name))
            details["name"] = name;
        if (group.Length > 0)
            details["group"] = group;
        details["kind"] = kind;
        return details;
    }
}
