using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer.Storage;

namespace Gateway.Testing.ApiServer.Reading;

/// <summary>LIST: one page of the objects of a kind at one resourceVersion.</summary>
internal static class ListReader
{
    private const string TooOldToContinue =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, "
        + "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an "
        + "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    /// <summary>The list's JSON.</summary>
    /// <exception cref="ApiStatus">410, 504, or what <see cref="Faults.FailPage"/> asked for.</exception>
    public static byte[] Read(ObjectStore store, Faults faults, ResourceType type, string? ns, Selector selector, ReadOptions options, bool metadataOnly)
    {
        var token = options.Continue is null ? null : ContinueToken.Decode(options.Continue);
        var (items, revision) = State(store, type, options, token, faults.ExpireContinue);

        // A namespaced list's keys are relative to its namespace, as etcd's prefix is.
        var prefix = ns is null ? "" : $"{ns}/";
        var start = token is null ? prefix : prefix + token.Start.TrimStart('/');
        var limit = options.Revision == 0 || options.Limit <= 0 ? int.MaxValue : (int)options.Limit;
        var matching = items.Values.Where(selector.Matches).ToArray();
        var skipped = matching.TakeWhile(stored => string.CompareOrdinal(stored.Key, start) < 0).Count();
        faults.OnPage(type, skipped / limit + 1);

        var page = matching[skipped..].Take(limit).ToArray();
        var rest = matching.Length - skipped - page.Length;
        var metadata = new JsonObject { ["resourceVersion"] = $"{revision}" };
        if (rest > 0)
        {
            metadata["continue"] = new ContinueToken(revision, $"/{page[^1].Key[prefix.Length..]}\0").Encode();
            if (!selector.Narrows)
                metadata["remainingItemCount"] = rest;
        }
        return Write(type, metadata, page, metadataOnly);
    }

    private static byte[] Write(ResourceType type, JsonObject metadata, StoredObject[] page, bool metadataOnly)
    {
        using var body = new MemoryStream();
        body.Write(Encoding.UTF8.GetBytes(metadataOnly
            ? $$"""{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{{Json.Text(metadata)}},"items":["""
            : $$"""{"kind":"{{type.Kind}}List","apiVersion":"{{type.ApiVersion}}","metadata":{{Json.Text(metadata)}},"items":["""));
        for (var i = 0; i < page.Length; i++)
        {
            if (i > 0)
                body.WriteByte((byte)',');
            body.Write(metadataOnly ? Wire.Object(page[i], true) : page[i].Body);
        }
        body.Write("]}"u8);
        return body.ToArray();
    }

    private static (ImmutableSortedDictionary<string, StoredObject> Items, long Revision) State(
        ObjectStore store, ResourceType type, ReadOptions options, ContinueToken? token, bool expired)
    {
        var newest = store.Newest(type);
        if (options.Revision > newest.Revision)
            throw ApiStatus.TooLarge(options.Revision.Value, newest.Revision);
        if (token is { Revision: >= 0 })
        {
            return !expired && store.At(type, token.Revision) is { } then
                ? (then, token.Revision)
                : throw ApiStatus.Gone(TooOldToContinue, new ContinueToken(-1, token.Start.TrimStart('/')).Encode());
        }
        var exact = options.Match == "Exact" || (options.Match is null && options.Limit > 0);
        if (token is null && exact && options.Revision is > 0 and var wanted)
            return (store.At(type, wanted) ?? throw ApiStatus.Gone("The resourceVersion for the provided list is too old."), wanted);
        return newest;
    }
}
