using System.Collections.Immutable;

namespace Gateway.Testing.ApiServer.Storage;

/// <summary>One write: the object before (null: created) and after (null: deleted), and its kind's objects from then on.</summary>
internal sealed class Change(long revision, StoredObject? before, StoredObject? after, ImmutableSortedDictionary<string, StoredObject> items)
{
    private readonly byte[]?[] _lines = new byte[]?[6];
    private StoredObject? _gone;

    public long Revision => revision;
    public StoredObject? Before => before;
    public StoredObject? After => after;
    public ImmutableSortedDictionary<string, StoredObject> Items => items;

    /// <summary>The watch line, written once and shared by all watches.</summary>
    public byte[] Line(WatchEventType type, bool metadataOnly) => _lines[(int)type * 2 + (metadataOnly ? 1 : 0)] ??= Wire.Line(
        type, type == WatchEventType.DELETED ? _gone ??= before!.At(revision) : after!, metadataOnly);
}
