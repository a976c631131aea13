using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>events.k8s.io/v1 Event; errors name the fields of core/v1, as the API's do.</summary>
internal static class EventRules
{
    private static readonly (string Field, string Named)[] Fixed =
        [("note", "message"), ("reason", "reason"), ("type", "type"), ("regarding", "involvedObject"), ("eventTime", "eventTime"), ("action", "action")];

    public static void Check(List<Cause> causes, JsonObject body, JsonObject? old)
    {
        foreach (var (field, named) in old is null ? [] : Fixed)
        {
            if (!old![field].SameAs(body[field]))
                causes.Add(Cause.Immutable(named, body[field]));
        }
        // An Event about an object without a namespace lies in "default".
        if (body.TextAt("regarding.namespace") is null && (body.TextAt("metadata.namespace") != "default" || body["regarding"] is null))
            causes.Add(Cause.Invalid("involvedObject.namespace", "", "does not match event.namespace"));
        if (body["eventTime"] is null)
            causes.Add(Cause.Required("eventTime"));
        var controller = body.TextAt("reportingController") ?? "";
        if (controller.Length == 0)
            causes.Add(Cause.Required("reportingController"));
        Names.CheckQualified(causes, "reportingController", controller);
        foreach (var field in (string[])["reportingInstance", "action", "reason"])
        {
            if (body.TextAt(field) is not { Length: > 0 } text)
                causes.Add(Cause.Required(field));
            else if (text.Length > 128)
                causes.Add(Cause.Invalid(field, "", "can have at most 128 characters"));
        }
        if (body.TextAt("note") is { Length: > 1024 })
            causes.Add(Cause.Invalid("message", "", "can have at most 1024 characters"));
        if (body.TextAt("type") is not ("Normal" or "Warning"))
            causes.Add(Cause.Invalid("type", "", $"has invalid value: {body.TextAt("type")}"));
        if (body["series"] is { } series && (int?)series["count"] is not >= 2)
            causes.Add(Cause.Invalid("series.count", "", "should be at least 2"));
        if (body["series"] is { } timed && timed["lastObservedTime"] is null)
            causes.Add(Cause.Required("series.lastObservedTime"));
    }
}
