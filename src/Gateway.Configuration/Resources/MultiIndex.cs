using System.Runtime.InteropServices;

namespace Gateway.Configuration.Resources;

/// <summary>A set of values under each key. Most keys have a single one, for which no set is made.</summary>
internal sealed class MultiIndex<TKey, TValue>
    where TKey : notnull
    where TValue : IEquatable<TValue>
{
    private readonly Dictionary<TKey, Values> _values = [];

    public IReadOnlyCollection<TKey> Keys => _values.Keys;

    public IReadOnlyCollection<TValue> this[TKey key] =>
        !_values.TryGetValue(key, out var values) ? [] : values.Many ?? (IReadOnlyCollection<TValue>)[values.One];

    public void Add(TKey key, TValue value)
    {
        ref var values = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, key, out var exists);
        if (!exists)
            values.One = value;
        else if (values.Many is { } many)
            many.Add(value);
        else if (!values.One.Equals(value))
            values.Many = [values.One, value];
    }

    public void Remove(TKey key, TValue value)
    {
        if (!_values.TryGetValue(key, out var values))
            return;
        if (values.Many is { } many ? many.Remove(value) && many.Count == 0 : values.One.Equals(value))
            _values.Remove(key);
    }

    private struct Values
    {
        /// <summary>The only value, while there is no <see cref="Many"/>.</summary>
        public TValue One;

        public HashSet<TValue>? Many;
    }
}
