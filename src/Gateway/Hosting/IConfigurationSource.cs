using Gateway.Configuration.Resources;

namespace Gateway.Hosting;

/// <summary>Where the objects come from: a folder or a cluster.</summary>
internal interface IConfigurationSource
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>How many objects are of kinds that the gateway does not use.</summary>
    int Skipped => 0;

    /// <summary>All that is there, then what changes, until <paramref name="cancellation"/>.</summary>
    IAsyncEnumerable<SourceUpdate> WatchAsync(CancellationToken cancellation);
}
