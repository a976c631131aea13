using Gateway.Benchmarks.Comparison.Measuring;
using Gateway.Benchmarks.Comparison.Peers;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison;

/// <summary>What a case is given.</summary>
/// <param name="Case">Its name.</param>
/// <param name="Effort">How much it is to do.</param>
/// <param name="Table">Takes what it finds.</param>
internal sealed record CaseRun(string Case, Effort Effort, ResultTable Table)
{
    /// <summary>Starts the peers that are here and fit, on their cores, and moves this process to the others. Those left out are noted.</summary>
    /// <param name="setup">What they are to do.</param>
    /// <param name="peers">Which; null: all.</param>
    public async Task<RunningPeers> StartAsync(PeerSetup setup, params IReadOnlyList<Peer>? peers)
    {
        await setup.Cores.TakeRestAsync();
        var running = new RunningPeers();
        try
        {
            foreach (var peer in peers is null or [] ? Peer.All : peers)
            {
                if (peer.Unfit(setup) is { } reason)
                    Table.Skip($"{Case}, {peer.Name}: {reason}");
                else if (await TryStartAsync(peer, setup) is { } started)
                    running.Add(started);
            }
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    private async Task<RunningPeer?> TryStartAsync(Peer peer, PeerSetup setup)
    {
        try
        {
            return await RunningPeer.StartAsync(peer, setup);
        }
        catch (MissingToolException missing)
        {
            Table.Skip($"{Case}, {peer.Name}: {missing.Message}");
            return null;
        }
    }
}

/// <summary>Peers that serve at the same time.</summary>
internal sealed class RunningPeers : List<RunningPeer>, IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (var peer in this)
            await peer.DisposeAsync();
    }
}
