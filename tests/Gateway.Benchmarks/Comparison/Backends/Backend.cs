using System.Net;

namespace Gateway.Benchmarks.Comparison.Backends;

/// <summary>What all peers forward to.</summary>
internal abstract class Backend : IAsyncDisposable
{
    /// <summary>What it answers at <c>/</c>.</summary>
    public const string SmallAnswer = "hello world, this is the backend\n";

    public abstract IPEndPoint EndPoint { get; }

    public abstract ValueTask DisposeAsync();
}
