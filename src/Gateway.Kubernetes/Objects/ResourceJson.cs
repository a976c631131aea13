using System.Collections.Immutable;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary>
/// An object as the API server sends it, as far as it is used. The server has judged it, so it is only carried over:
/// what is odd comes out as absent. The properties of all kinds have the names of the API's fields.
/// </summary>
internal abstract record ResourceJson
{
    public ObjectMetadata? Metadata { get; init; }

    /// <summary>The record that the rest of the gateway knows.</summary>
    public abstract Resource ToResource(ObjectName name);

    /// <summary>Carries over an array; the API writes null for an empty one.</summary>
    protected static EquatableArray<TOut> Map<TIn, TOut>(TIn?[]? items, Func<TIn, TOut> map, Func<TIn, bool>? where = null)
        where TIn : class
    {
        if (items is null or [])
            return [];
        var mapped = ImmutableArray.CreateBuilder<TOut>(items.Length);
        foreach (var item in items)
        {
            if (item is not null && where?.Invoke(item) != false)
                mapped.Add(map(item));
        }
        return new(mapped.DrainToImmutable());
    }
}
