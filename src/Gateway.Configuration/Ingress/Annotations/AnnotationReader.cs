using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Settings;

namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>
/// Reads an Ingress's annotations by ingress-nginx's grammar of values. A bad value yields a diagnostic and the
/// fall-back. What nobody asked for is left in <see cref="Unread"/>.
/// </summary>
internal sealed class AnnotationReader(IngressResource ingress, DiagnosticCollector diagnostics)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>The Ingress.</summary>
    public IngressResource Ingress => ingress;

    /// <summary>Takes what is wrong.</summary>
    public DiagnosticCollector Diagnostics => diagnostics;

    /// <summary>The prefixed annotations that were not asked for.</summary>
    public IEnumerable<KeyValuePair<string, string>> Unread =>
        ingress.Annotations.All.Where(pair =>
            !_read.Contains(pair.Key) && pair.Key is not (Resources.Annotations.IngressClass or Resources.Annotations.IsDefaultClass));

    /// <summary>Where an annotation stands, for diagnostics.</summary>
    public static string FieldOf(string annotation) => $"metadata.annotations[{annotation}]";

    /// <summary>A bool; <paramref name="fallback"/> when it is missing or bad.</summary>
    public bool Bool(string name, bool fallback)
    {
        if (Text(name) is not { } text)
            return fallback;
        if (NginxValue.TryBool(text, out var value))
            return value;
        Bad(name, text, NginxValue.BoolForm, fallback ? "true" : "false");
        return fallback;
    }

    /// <summary>A timeout in whole seconds; <paramref name="fallback"/> when it is missing or bad.</summary>
    public TimeSpan Seconds(string name, TimeSpan fallback)
    {
        if (Text(name) is not { } text)
            return fallback;
        if (NginxValue.TryInt(text, 1, NginxValue.LongestTimeout, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        Bad(name, text, $"a whole number of seconds from 1 to {NginxValue.LongestTimeout}, without a unit", $"{fallback.TotalSeconds} s");
        return fallback;
    }

    /// <summary>A size in bytes; <paramref name="fallback"/> when it is missing or bad.</summary>
    public long Size(string name, long fallback)
    {
        if (Text(name) is not { } text)
            return fallback;
        if (NginxValue.TrySize(text, out var bytes))
            return bytes;
        Bad(name, text, NginxValue.SizeForm, $"{fallback} bytes");
        return fallback;
    }

    /// <summary>The value as written; null when it is missing.</summary>
    public string? Text(string name)
    {
        var annotation = Resources.Annotations.NginxPrefix + name;
        _read.Add(annotation);
        return ingress.Annotations[annotation];
    }

    /// <summary>Reports a value that cannot be used.</summary>
    public void Bad(string name, string value, string allowed, string used) =>
        diagnostics.Warning(FieldOf(Resources.Annotations.NginxPrefix + name), value, $"this value cannot be used; {used} is used instead", $"Write {allowed}");
}
