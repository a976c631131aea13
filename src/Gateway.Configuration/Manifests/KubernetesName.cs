using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Configuration.Manifests;

/// <summary>One of the rules that Kubernetes has for names, keys and hosts (<c>k8s.io/apimachinery</c>, package validation).</summary>
internal sealed class KubernetesName
{
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly Func<string, bool> _allows;

    private KubernetesName(string what, string remedy, Func<string, bool> allows) =>
        (What, Remedy, _allows) = (what, remedy, allows);

    /// <summary>The name of nearly every object.</summary>
    public static KubernetesName Subdomain { get; } = new(
        "a DNS name (RFC 1123)", "Use lower-case letters, digits, '-' and '.', at most 253, with a letter or digit at both ends of each part", IsSubdomain);

    /// <summary>The name of a namespace, a Service, a port of a Service.</summary>
    public static KubernetesName Label { get; } = new(
        "a DNS label (RFC 1123)", "Use lower-case letters, digits and '-', at most 63, with a letter or digit at both ends", text => IsLabel(text));

    /// <summary>The name of a port where one may also write a number (RFC 6335 5.1, in lower case).</summary>
    public static KubernetesName Port { get; } = new(
        "a port name", "Use lower-case letters, digits and single '-', at most 15, with at least one letter",
        text => text.Length <= 15 && IsLabel(text) && text.AsSpan().ContainsAnyInRange('a', 'z') && !text.Contains("--", StringComparison.Ordinal));

    /// <summary>The key of a label or annotation; the value of <c>appProtocol</c>.</summary>
    public static KubernetesName Qualified { get; } = new(
        "a qualified name", "Use letters, digits, '-', '_' and '.', at most 63, after an optional DNS name and a slash", IsQualified);

    /// <summary>The key of an annotation, of which the part before the slash may be in upper case.</summary>
    public static KubernetesName AnnotationKey { get; } = new(Qualified.What, Qualified.Remedy, text => IsQualified(text.ToLowerInvariant()));

    /// <summary>The value of a label.</summary>
    public static KubernetesName LabelValue { get; } = new(
        "a label value", "Use letters, digits, '-', '_' and '.', at most 63, with a letter or digit at both ends", text => text.Length == 0 || IsKeyPart(text));

    /// <summary>A key of a Secret or ConfigMap.</summary>
    public static KubernetesName DataKey { get; } = new(
        "a data key", "Use letters, digits, '-', '_' and '.', at most 253, and not \"..\" at the start",
        text => text.Length is > 0 and <= 253 && !text.AsSpan().ContainsAnyExcept(KeyCharacters) && text != "." && !text.StartsWith("..", StringComparison.Ordinal));

    /// <summary>A host of an Ingress.</summary>
    public static KubernetesName Host { get; } = new(
        "a host name", "Write a lower-case DNS name without port, of at most 253 characters, or \"*.\" and a DNS name; international names as \"xn--…\"",
        text => IsSubdomain(text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text) && text.Length <= 253);

    /// <summary>What a text of this kind is, with its article.</summary>
    public string What { get; }

    /// <summary>How to write one.</summary>
    public string Remedy { get; }

    public bool Allows(string text) => _allows(text);

    /// <summary>An address of the family as Kubernetes takes it: four decimal numbers without leading zeros, or RFC 4291 without a zone.</summary>
    public static bool IsAddress(string text, AddressFamily family) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == family
        && (family == AddressFamily.InterNetwork ? address.ToString() == text : !text.AsSpan().ContainsAny("%[]"));

    private static bool IsSubdomain(string text)
    {
        if (text.Length > 253)
            return false;
        foreach (var part in text.AsSpan().Split('.'))
        {
            if (!IsLabel(text.AsSpan()[part], 253))
                return false;
        }
        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> text, int most = 63) =>
        text.Length > 0 && text.Length <= most && text[0] != '-' && text[^1] != '-' && !text.ContainsAnyExcept(LabelCharacters);

    private static bool IsKeyPart(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && !text.ContainsAnyExcept(KeyCharacters);

    private static bool IsQualified(string text)
    {
        var slash = text.IndexOf('/');
        return slash < 0 ? IsKeyPart(text) : IsSubdomain(text[..slash]) && IsKeyPart(text.AsSpan(slash + 1));
    }
}
