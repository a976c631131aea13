using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Gateway.Testing.ApiServer.Storage;

/// <summary>All objects and their recent history, under one counter of resourceVersions as in etcd.</summary>
internal sealed class ObjectStore(int historyLimit)
{
    private readonly Dictionary<ResourceType, Collection> _collections = ResourceType.All.ToDictionary(type => type, _ => new Collection());

    /// <summary>Held while an object is read, changed and written back.</summary>
    public Lock Gate { get; } = new();

    public long Revision { get; private set; } = 1;

    public StoredObject? Find(ResourceType type, string? ns, string name) =>
        _collections[type].Items.GetValueOrDefault(type.Key(ns, name));

    /// <summary>Writes <paramref name="body"/> (null: deletes) under the next resourceVersion. The caller holds the gate.</summary>
    public StoredObject? Commit(ResourceType type, StoredObject? before, JsonObject? body)
    {
        Revision++;
        var collection = _collections[type];
        StoredObject? after = null;
        if (body is not null)
        {
            body["metadata"]!["resourceVersion"] = $"{Revision}";
            after = new StoredObject(type, body);
        }
        collection.Items = after is null ? collection.Items.Remove(before!.Key) : collection.Items.SetItem(after.Key, after);
        collection.History.Add(new Change(Revision, before, after, collection.Items));
        if (collection.History.Count > historyLimit)
            collection.Forget(collection.History.Count / 2);
        var changed = collection.Changed;
        collection.Changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
        return after;
    }

    /// <summary>Forgets all history, as etcd's compaction together with a restart of the API server does.</summary>
    public void Compact()
    {
        lock (Gate)
        {
            foreach (var collection in _collections.Values)
            {
                collection.Forget(collection.History.Count);
                collection.Oldest = Revision;
            }
        }
    }

    /// <summary>The newest objects of a kind and the resourceVersion of that state.</summary>
    public (ImmutableSortedDictionary<string, StoredObject> Items, long Revision) Newest(ResourceType type)
    {
        lock (Gate)
            return (_collections[type].Items, Revision);
    }

    /// <summary>The objects of a kind at <paramref name="revision"/>; null if that is forgotten.</summary>
    public ImmutableSortedDictionary<string, StoredObject>? At(ResourceType type, long revision)
    {
        lock (Gate)
        {
            var collection = _collections[type];
            if (revision < collection.Oldest)
                return null;
            var index = collection.IndexAfter(revision);
            return index == 0 ? collection.Base : collection.History[index - 1].Items;
        }
    }

    /// <summary>The changes of a kind after <paramref name="revision"/>, the newest resourceVersion, and a task that ends with the next change.</summary>
    /// <exception cref="ApiStatus">410: the changes are forgotten.</exception>
    public (Change[] Changes, long Revision, Task Next) ReadAfter(ResourceType type, long revision)
    {
        lock (Gate)
        {
            var collection = _collections[type];
            if (revision < collection.Oldest)
                throw ApiStatus.TooOld(revision, collection.Oldest);
            var index = collection.IndexAfter(revision);
            return (index == collection.History.Count ? [] : collection.History[index..].ToArray(), Revision, collection.Changed.Task);
        }
    }

    private sealed class Collection
    {
        public ImmutableSortedDictionary<string, StoredObject> Items { get; set; } = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

        /// <summary>The objects before the first change of the history.</summary>
        public ImmutableSortedDictionary<string, StoredObject> Base { get; private set; } = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

        public List<Change> History { get; } = [];

        public long Oldest { get; set; }

        public TaskCompletionSource Changed { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Forget(int count)
        {
            if (count == 0)
                return;
            Base = History[count - 1].Items;
            Oldest = History[count - 1].Revision;
            History.RemoveRange(0, count);
        }

        /// <summary>The index of the first change after a revision; who asks mostly knows almost all of them.</summary>
        public int IndexAfter(long revision) => History.FindLastIndex(change => change.Revision <= revision) + 1;
    }
}
