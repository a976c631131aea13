namespace Gateway.Configuration.Resources;

/// <summary>
/// A Kubernetes object reduced to the fields that the gateway uses. Resources compare by value:
/// two versions of an object that differ in nothing the gateway uses are equal.
/// </summary>
/// <param name="Name">Namespace and name.</param>
public abstract record Resource(ObjectName Name)
{
    /// <summary>The object's kind.</summary>
    public abstract ResourceKind Kind { get; }

    /// <summary>Kind, namespace and name.</summary>
    public ResourceKey Key => new(Kind, Name);
}

/// <summary>A port as Kubernetes lets one write it: by number or by name (<c>IntOrString</c>). The default value names nothing.</summary>
/// <param name="Number">1–65535, or 0 when the port is given by name or not at all.</param>
/// <param name="Name">The port's name, or null when it is given by number.</param>
public readonly record struct PortReference(int Number, string? Name)
{
    /// <summary>Whether neither a number nor a name was given.</summary>
    public bool IsEmpty => Number == 0 && Name is null;

    /// <summary>The name or the number, as text.</summary>
    public override string ToString() => Name ?? Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
