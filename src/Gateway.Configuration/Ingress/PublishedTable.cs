using System.Collections.Concurrent;

namespace Gateway.Configuration.Ingress;

/// <summary>
/// One kind of result as it has been handed to the data plane, with what changed since the last delta and a hash of the
/// whole. One writer; entries and hash may be read from any thread.
/// </summary>
/// <param name="describe">All of an entry that matters, as text; the same in every process.</param>
internal sealed class PublishedTable<TKey, TValue>(Func<TValue, string> describe)
    where TKey : notnull
    where TValue : class
{
    private readonly ConcurrentDictionary<TKey, TValue> _entries = new();
    private readonly Dictionary<TKey, ulong> _hashes = [];
    private readonly Dictionary<TKey, TValue?> _changes = [];
    private ulong _hash;

    public IReadOnlyDictionary<TKey, TValue> Entries => _entries;

    /// <summary>The sum of the entries' hashes: equal for equal entries, in whatever order they came.</summary>
    public ulong Hash => Volatile.Read(ref _hash);

    /// <summary>Puts <paramref name="value"/> (null: nothing) in the place of what <paramref name="key"/> had; false when it is the same.</summary>
    public bool TryPut(TKey key, TValue? value, out TValue? before)
    {
        before = _entries.GetValueOrDefault(key);
        if (Equals(before, value))
            return false;
        _changes[key] = value;
        _hashes.Remove(key, out var hashBefore);
        var hash = 0UL;
        if (value is null)
        {
            _entries.TryRemove(key, out _);
        }
        else
        {
            _entries[key] = value;
            _hashes[key] = hash = TextHash.Of(describe(value));
        }
        Volatile.Write(ref _hash, unchecked(_hash - hashBefore + hash));
        return true;
    }

    /// <summary>What was put and what was taken away since the last call.</summary>
    public (TValue[] Changed, TKey[] Removed) TakeChanges()
    {
        TValue[] changed = [.. _changes.Values.OfType<TValue>()];
        TKey[] removed = [.. _changes.Where(entry => entry.Value is null).Select(entry => entry.Key)];
        _changes.Clear();
        return (changed, removed);
    }
}
