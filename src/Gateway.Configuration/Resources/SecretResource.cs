namespace Gateway.Configuration.Resources;

/// <summary>A Secret (<c>v1</c>).</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Type">For example <c>kubernetes.io/tls</c>.</param>
/// <param name="Data"><c>data</c> decoded from base64, and <c>stringData</c>, sorted by key.</param>
public sealed record SecretResource(ObjectName Name, string Type, EquatableArray<SecretEntry> Data) : Resource(Name)
{
    /// <summary>The type that certificates have.</summary>
    public const string TlsType = "kubernetes.io/tls";

    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.Secret;

    /// <summary>The value under <paramref name="key"/>, or null.</summary>
    public SensitiveBytes? Find(string key)
    {
        foreach (var entry in Data)
        {
            if (entry.Key == key)
                return entry.Value;
        }
        return null;
    }
}

/// <summary>One key of a Secret.</summary>
public sealed record SecretEntry(string Key, SensitiveBytes Value);

/// <summary>Bytes that must not reach a log, an answer or a dump: compares by content, prints as <c>***</c>.</summary>
public readonly struct SensitiveBytes(byte[] bytes) : IEquatable<SensitiveBytes>
{
    private readonly byte[]? _bytes = bytes;

    /// <summary>The bytes themselves.</summary>
    public ReadOnlySpan<byte> Reveal() => _bytes;

    /// <inheritdoc/>
    public bool Equals(SensitiveBytes other) => Reveal().SequenceEqual(other.Reveal());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SensitiveBytes other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Reveal());
        return hash.ToHashCode();
    }

    /// <summary><c>***</c>.</summary>
    public override string ToString() => "***";

    /// <summary>Whether both hold the same bytes.</summary>
    public static bool operator ==(SensitiveBytes left, SensitiveBytes right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(SensitiveBytes left, SensitiveBytes right) => !left.Equals(right);
}

/// <summary>A ConfigMap (<c>v1</c>).</summary>
/// <param name="Name">Namespace and name.</param>
/// <param name="Data"><c>data</c>, sorted by key.</param>
public sealed record ConfigMapResource(ObjectName Name, EquatableArray<KeyValuePair<string, string>> Data) : Resource(Name)
{
    /// <inheritdoc/>
    public override ResourceKind Kind => ResourceKind.ConfigMap;
}
