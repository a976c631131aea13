namespace Gateway.Configuration.Resources;

/// <summary>
/// The annotations of an object that can mean anything to the gateway, sorted by name; compares by content.
/// All others are dropped when the object is read, so that they neither take memory nor look like a change.
/// </summary>
public sealed class Annotations : IEquatable<Annotations>
{
    /// <summary>ingress-nginx's prefix: the gateway is a drop-in for it.</summary>
    public const string NginxPrefix = "nginx.ingress.kubernetes.io/";

    /// <summary>The prefix of YARP's own Kubernetes ingress.</summary>
    public const string YarpPrefix = "yarp.ingress.kubernetes.io/";

    /// <summary>The class annotation that came before <c>spec.ingressClassName</c>.</summary>
    public const string IngressClass = "kubernetes.io/ingress.class";

    /// <summary>Marks an IngressClass as the default one.</summary>
    public const string IsDefaultClass = "ingressclass.kubernetes.io/is-default-class";

    /// <summary>No annotations.</summary>
    public static Annotations Empty { get; } = new([]);

    private readonly KeyValuePair<string, string>[] _sorted;

    private Annotations(KeyValuePair<string, string>[] sorted) => _sorted = sorted;

    /// <summary>The annotations, sorted by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All => _sorted;

    /// <summary>Whether an annotation of this name can mean anything to the gateway.</summary>
    public static bool IsRelevant(string name) =>
        name.StartsWith(NginxPrefix, StringComparison.Ordinal)
        || name.StartsWith(YarpPrefix, StringComparison.Ordinal)
        || name is IngressClass or IsDefaultClass;

    /// <summary>Keeps the relevant ones of <paramref name="all"/>.</summary>
    public static Annotations From(IEnumerable<KeyValuePair<string, string>> all)
    {
        var kept = all.Where(pair => IsRelevant(pair.Key)).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        return kept.Length == 0 ? Empty : new Annotations(kept);
    }

    /// <summary>The value of <paramref name="name"/>, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _sorted)
            {
                if (key == name)
                    return value;
            }
            return null;
        }
    }

    /// <inheritdoc/>
    public bool Equals(Annotations? other) => other is not null && _sorted.AsSpan().SequenceEqual(other._sorted);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Annotations);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in _sorted)
        {
            hash.Add(key);
            hash.Add(value);
        }
        return hash.ToHashCode();
    }
}
