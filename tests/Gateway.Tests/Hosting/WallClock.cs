using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Hosting;

/// <summary>A clock whose time of day can be wrong, while what it measures stays right.</summary>
internal sealed class WallClock : FakeTimeProvider
{
    /// <summary>How wrong the time of day is.</summary>
    public TimeSpan Error { get; set; }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Error;

    /// <inheritdoc/>
    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
