using Microsoft.AspNetCore.Http;

namespace Gateway.Testing.ApiServer.Reading;

/// <summary>The query of a LIST or WATCH (meta.k8s.io ListOptions), its combinations judged as the API does.</summary>
internal sealed class ReadOptions
{
    /// <exception cref="ApiStatus">400, 422 or 500, as the combination deserves.</exception>
    public ReadOptions(IQueryCollection query, bool watch)
    {
        Continue = Text("continue");
        Match = Text("resourceVersionMatch");
        Limit = Number("limit", NoInteger) ?? 0;
        var sent = Text("resourceVersion");
        InitialEvents = Text("sendInitialEvents") is { } initial ? initial == "true" : null;
        Bookmarks = Text("allowWatchBookmarks") == "true";
        Timeout = Number("timeoutSeconds", NoInteger);

        List<string> forbidden = [];
        if (watch && InitialEvents is not null && Match != "NotOlderThan")
            forbidden.Add("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        if (watch && InitialEvents is null && Match is not null)
            forbidden.Add("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        if (!watch && Match is not null && sent is null)
            forbidden.Add("resourceVersionMatch is forbidden unless resourceVersion is provided");
        if (Continue is not null && (Match is not null || watch))
            forbidden.Add("resourceVersionMatch is forbidden when continue is provided");
        if (Match == "Exact" && sent == "0")
            forbidden.Add("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        List<Cause> causes = [.. forbidden.Select(why => Cause.Forbidden("resourceVersionMatch", why))];
        if (Match is not (null or "Exact" or "NotOlderThan"))
            causes.Add(Cause.Unsupported("resourceVersionMatch", Match, "Exact", "NotOlderThan", ""));
        if (causes.Count > 0)
            throw ApiStatus.Invalid("meta.k8s.io", "ListOptions", "", causes);

        Revision = Number("resourceVersion", text =>
        {
            var why = $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax";
            return watch ? new ApiStatus(500, null, why) : ApiStatus.BadRequest($"invalid resource version: {why}");
        });
        if (Continue is not null && Revision > 0)
            throw ApiStatus.BadRequest("specifying resource version is not allowed when using continue");

        static ApiStatus NoInteger(string text) => ApiStatus.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");

        string? Text(string name) => query[name].ToString() is { Length: > 0 } text ? text : null;

        long? Number(string name, Func<string, ApiStatus> refusal) => Text(name) switch
        {
            null => null,
            var text when long.TryParse(text, out var number) && (number >= 0 || name == "limit") => number,
            var text => throw refusal(text),
        };
    }

    /// <summary>resourceVersion; null if absent or empty.</summary>
    public long? Revision { get; }

    /// <summary>Objects a page; 0 or less: all.</summary>
    public long Limit { get; }

    public string? Continue { get; }

    /// <summary>resourceVersionMatch.</summary>
    public string? Match { get; }

    /// <summary>sendInitialEvents.</summary>
    public bool? InitialEvents { get; }

    /// <summary>allowWatchBookmarks.</summary>
    public bool Bookmarks { get; }

    /// <summary>timeoutSeconds.</summary>
    public long? Timeout { get; }
}
