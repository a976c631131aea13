using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>events.k8s.io/v1 Event; errors name the fields of core/v1, as the API's do.</summary>
internal static partial class EventRules
{
    private const string QualifiedRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

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
            causes.AddRange([Cause.Required("reportingController"), Cause.Invalid("reportingController", controller, "name part must be non-empty")]);
        if (!Qualified().IsMatch(controller[(controller.IndexOf('/') + 1)..]))
            causes.Add(Cause.Invalid("reportingController", controller, QualifiedRule));
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
        if (body["series"] is not { } series)
            return;
        if ((int?)series["count"] is not >= 2)
            causes.Add(Cause.Invalid("series.count", "", "should be at least 2"));
        if (series["lastObservedTime"] is null)
            causes.Add(Cause.Required("series.lastObservedTime"));
    }

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex Qualified();
}
