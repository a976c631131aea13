using System.Runtime.CompilerServices;
using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;

namespace Gateway.Manifests;

/// <summary>Reads a folder of manifests, again and again.</summary>
internal sealed class ManifestFolder(string directory, TimeProvider time)
{
    public int SkippedObjects => 0;

    public async IAsyncEnumerable<SourceUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var changes = Directory.EnumerateFiles(directory, "*.yaml")
                .SelectMany(file => ManifestReader.Read(file, File.ReadAllText(file)).Objects)
                .Where(found => found.Resource is not null)
                .Select(found => ResourceChange.Upsert(found.Resource!, found.Origin));
            yield return new SourceUpdate { Changes = [.. changes], Synced = true };
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation);
        }
    }
}
