using Microsoft.Extensions.Hosting;

namespace Gateway.Admin;

/// <summary>For small web applications beside the gateway: the process has one place that handles signals, and they end when they are told.</summary>
internal sealed class NoLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
