using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer.Storage;
using Gateway.Testing.ApiServer.Validation;

namespace Gateway.Testing.ApiServer.Writing;

/// <summary>Create, update and delete as the API does them: metadata kept, defaults filled in, rules checked, conflicts found.</summary>
internal sealed class ObjectWriter(ObjectStore store, ApiServerOptions options)
{
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    private static readonly string[] SentMetadata = ["labels", "annotations", "ownerReferences", "finalizers", "managedFields"];

    private readonly Defaults _defaults = new(store);

    /// <summary>Stores a new object.</summary>
    public StoredObject Create(ResourceType type, string? ns, JsonObject sent)
    {
        using var _ = store.Gate.EnterScope();
        sent = Decode(type, ns, sent);
        if (sent.TextAt("metadata.resourceVersion") is { Length: > 0 })
            throw new ApiStatus(500, null, "resourceVersion should not be set on objects to be created");
        var metadata = sent["metadata"]!.AsObject();
        if (metadata.TextAt("name") is null && metadata.TextAt("generateName") is { } prefix)
            metadata["name"] = prefix + string.Concat(Random.Shared.GetItems<char>(NameLetters, 5));
        var name = metadata.TextAt("name") ?? throw ApiStatus.Invalid(
            type.Group, type.Kind, null, [Cause.Required("metadata.name", "name or generateName is required")]);
        CheckNamespace(type, ns, name);
        if (type.HasStatus)
            sent.Remove("status");
        var next = Complete(type, ns, name, sent, null);
        if (store.Find(type, ns, name) is not null)
            throw ApiStatus.Exists(type, name);
        return store.Commit(type, null, next)!;
    }

    /// <summary>Replaces an object, or the part of it that a subresource is.</summary>
    public (StoredObject Stored, bool Created) Update(ResourceType type, string? ns, string name, JsonObject sent, string? subresource)
    {
        using var _ = store.Gate.EnterScope();
        if (store.Find(type, ns, name) is { } current)
            return (Replace(current, sent, subresource), false);
        if (type.Kind != "Lease")
            throw ApiStatus.NotFound(type, name);
        if (sent.TextAt("metadata.uid") is { } uid)
            throw OtherUid(type, ns, name, uid, "");
        sent["metadata"]?.AsObject().Remove("resourceVersion");
        return (Create(type, ns, sent), true);
    }

    /// <summary>Changes an object by what <paramref name="patch"/> makes of it.</summary>
    public StoredObject Patch(ResourceType type, string? ns, string name, Func<JsonObject, JsonObject> patch, string? subresource)
    {
        using var _ = store.Gate.EnterScope();
        var current = store.Find(type, ns, name) ?? throw ApiStatus.NotFound(type, name);
        var patched = patch(current.ToJson());
        if (MicroTime.Normalize(type, patched) is { } problem)
            throw ApiStatus.Invalid("", "", "", [Cause.Invalid("patch", Json.Text(patched), problem)]);
        return Replace(current, patched, subresource);
    }

    /// <summary>Deletes an object, or marks it as deleted while finalizers hold it.</summary>
    public (StoredObject Last, bool Held) Delete(ResourceType type, string? ns, string name)
    {
        using var _ = store.Gate.EnterScope();
        var current = store.Find(type, ns, name) ?? throw ApiStatus.NotFound(type, name);
        var body = current.ToJson();
        if (body.At("metadata.finalizers") is not JsonArray { Count: > 0 } && type != ResourceType.Namespace)
        {
            store.Commit(type, current, null);
            return (current, false);
        }
        var metadata = body["metadata"]!.AsObject();
        if (metadata["deletionTimestamp"] is not null)
            return (current, true);
        metadata["deletionTimestamp"] = Now();
        metadata["deletionGracePeriodSeconds"] = 0;
        if (type.HasGeneration)
            metadata["generation"] = (long)metadata["generation"]! + 1;
        if (type == ResourceType.Namespace)
            body["status"]!["phase"] = "Terminating";
        return (store.Commit(type, current, body)!, true);
    }

    /// <summary>Stores an object, its status too if it has one, over any older one; its namespace is made if it is missing.</summary>
    public StoredObject Put(ResourceType type, JsonObject sent)
    {
        using var _ = store.Gate.EnterScope();
        var ns = type.Namespaced ? sent.TextAt("metadata.namespace") ?? "default" : null;
        if (ns is not null && store.Find(ResourceType.Namespace, null, ns) is null)
            Put(ResourceType.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns } });
        sent = Decode(type, ns, sent);
        var name = sent.TextAt("metadata.name") ?? throw new ArgumentException("metadata.name is missing", nameof(sent));
        var current = store.Find(type, ns, name);
        var old = current?.ToJson();
        if (type.HasStatus && sent["status"] is null)
            sent["status"] = old?["status"]?.DeepClone();
        var next = Complete(type, ns, name, sent, old);
        return old.SameAs(next) ? current! : store.Commit(type, current, next)!;
    }

    private StoredObject Replace(StoredObject current, JsonObject sent, string? subresource)
    {
        var (type, name, old) = (current.Type, current.Name, current.ToJson());
        sent = Decode(type, current.Namespace, sent);
        if (sent.TextAt("metadata.name") is { } other && other != name)
            throw ApiStatus.BadRequest($"the name of the object ({other}) does not match the name on the URL ({name})");
        CheckPreconditions(current, old, sent);
        if (subresource == "status")
        {
            var whole = old.DeepClone().AsObject();
            whole["metadata"] = sent["metadata"]?.DeepClone();
            whole["status"] = sent["status"]?.DeepClone();
            sent = whole;
        }
        else if (type.HasStatus)
        {
            sent["status"] = old["status"]?.DeepClone();
        }
        var next = Complete(type, current.Namespace, name, sent, old);
        if (old.SameAs(next))
            return current;
        if (old.At("metadata.deletionTimestamp") is not null && next.At("metadata.finalizers") is not JsonArray { Count: > 0 } && type != ResourceType.Namespace)
        {
            store.Commit(type, current, null);
            return new StoredObject(type, next);
        }
        return store.Commit(type, current, next)!;
    }

    private static void CheckPreconditions(StoredObject current, JsonObject old, JsonObject sent)
    {
        var (type, name) = (current.Type, current.Name);
        var version = sent.TextAt("metadata.resourceVersion");
        // The plural stands here where other errors have the kind.
        if (string.IsNullOrEmpty(version) && type.Kind == "Lease")
            throw ApiStatus.Invalid(type.Group, type.Plural, name, [Cause.Invalid("metadata.resourceVersion", 0, "must be specified for an update")]);
        if (version is { Length: > 0 } && !ulong.TryParse(version, out _))
            throw new ApiStatus(500, null, $"strconv.ParseUint: parsing \"{version}\": invalid syntax");
        if (version is { Length: > 0 } && version != old.TextAt("metadata.resourceVersion"))
            throw ApiStatus.Conflict(type, name);
        var (uid, oldUid) = (sent.TextAt("metadata.uid"), old.TextAt("metadata.uid"));
        if (uid is not null && uid != oldUid)
            throw OtherUid(type, current.Namespace, name, uid, oldUid!);
    }

    private static ApiStatus OtherUid(ResourceType type, string? ns, string name, string sent, string stored) => ApiStatus.Conflict(type, name,
        $"StorageError: invalid object, Code: 4, Key: /registry/{type.Kind.ToLowerInvariant()}/{type.Key(ns, name)}, ResourceVersion: 0, AdditionalErrorMsg: "
        + $"Precondition failed: UID in precondition: {sent}, UID in object meta: {stored}");

    private void CheckNamespace(ResourceType type, string? ns, string name)
    {
        if (ns is null)
            return;
        var home = store.Find(ResourceType.Namespace, null, ns) ?? throw ApiStatus.NotFound(ResourceType.Namespace, ns);
        if (home.Fields["status.phase"] == "Terminating")
            throw ApiStatus.Terminating(type, name, ns);
    }

    /// <summary>The body in our own hands: kind and apiVersion judged and taken off, nulls and foreign namespaces refused.</summary>
    private static JsonObject Decode(ResourceType type, string? ns, JsonObject sent)
    {
        sent = sent.DeepClone().AsObject();
        var (kind, version) = (sent.TextAt("kind") ?? type.Kind, sent.TextAt("apiVersion") ?? type.ApiVersion);
        if (kind != type.Kind)
            throw ApiStatus.BadRequest($"{kind} in version \"v1\" cannot be handled as a {type.Kind}: converting (v1.{kind}) to ({type.Group.Split('.')[0]}.{type.Kind}): unknown conversion");
        if (version != type.ApiVersion)
            throw ApiStatus.BadRequest($"the API version in the data ({version}) does not match the expected API version ({type.ApiVersion})");
        sent.Remove("kind");
        sent.Remove("apiVersion");
        Json.DropNulls(sent);
        var metadata = sent.Ensure("metadata");
        if (ns is not null && metadata.TextAt("namespace") is { } other && other != ns)
            throw ApiStatus.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        if (MicroTime.Normalize(type, sent) is { } problem)
            throw ApiStatus.BadRequest($"{type.Kind} in version \"v1\" cannot be handled as a {type.Kind}: {problem}");
        return sent;
    }

    /// <summary>The object as it is to be stored: metadata first, the server's own fields from the older version.</summary>
    private JsonObject Complete(ResourceType type, string? ns, string name, JsonObject sent, JsonObject? old)
    {
        var (metadata, before) = (new JsonObject { ["name"] = name }, old?["metadata"]);
        Copy("generateName", sent["metadata"]);
        if (ns is not null)
            metadata["namespace"] = ns;
        metadata["uid"] = before?["uid"]?.DeepClone() ?? Guid.NewGuid().ToString();
        metadata["resourceVersion"] = before?["resourceVersion"]?.DeepClone() ?? "";
        if (type.HasGeneration)
            metadata["generation"] = before?["generation"]?.DeepClone() ?? 1;
        metadata["creationTimestamp"] = before?["creationTimestamp"]?.DeepClone() ?? Now();
        Copy("deletionTimestamp", before);
        Copy("deletionGracePeriodSeconds", before);
        foreach (var key in SentMetadata)
            Copy(key, sent["metadata"]);

        var next = new JsonObject { ["metadata"] = metadata };
        foreach (var (key, value) in sent)
        {
            if (key != "metadata")
                next[key] = value?.DeepClone();
        }
        _defaults.Apply(type, next, old);
        var causes = Rules.Check(type, next, old, options);
        if (causes.Count > 0)
            throw ApiStatus.Invalid(type.Group, type.Kind, name, causes);
        if (type.HasGeneration && old is not null && !Desired(type, old).SameAs(Desired(type, next)))
            metadata["generation"] = (long)before!["generation"]! + 1;
        return next;

        void Copy(string key, JsonNode? from)
        {
            if (from?[key] is { } value)
                metadata[key] = value.DeepClone();
        }
    }

    /// <summary>What generation counts: all but metadata and status; of an EndpointSlice also its labels.</summary>
    private static JsonObject Desired(ResourceType type, JsonObject body)
    {
        var desired = body.DeepClone().AsObject();
        desired["metadata"] = type.Kind == "EndpointSlice" ? body.At("metadata.labels")?.DeepClone() : null;
        desired.Remove("status");
        return desired;
    }

    private string Now() => options.Time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
