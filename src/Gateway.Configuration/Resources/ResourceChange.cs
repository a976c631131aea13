using Gateway.Configuration.Diagnostics;

namespace Gateway.Configuration.Resources;

/// <summary>One keyed change that a source reports.</summary>
/// <param name="Key">The object concerned.</param>
/// <param name="Resource">Its new state, or null when it is gone.</param>
/// <param name="Origin">Where it was read, when that is a file.</param>
public readonly record struct ResourceChange(ResourceKey Key, Resource? Resource, Origin? Origin)
{
    /// <summary>The object is there, in this state.</summary>
    public static ResourceChange Upsert(Resource resource, Origin? origin = null) => new(resource.Key, resource, origin);

    /// <summary>The object is gone.</summary>
    public static ResourceChange Delete(ResourceKey key) => new(key, null, null);
}
