using System.Collections.Concurrent;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>The pools of all addresses that some endpoint has.</summary>
internal sealed class UpstreamPools : IDisposable
{
    private readonly ConcurrentDictionary<string, UpstreamPool> _byAuthority = new(StringComparer.Ordinal);

    /// <summary>The pool of the endpoint's address.</summary>
    public UpstreamPool Of(Endpoint endpoint) => endpoint.Pool ?? Join(endpoint);

    /// <summary>Closes the connections that are too old, or that their upstream has closed.</summary>
    public void Sweep(KeptConnections kept, TimeProvider time)
    {
        foreach (var (_, pool) in _byAuthority)
            pool.Sweep(kept, time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, pool) in _byAuthority)
            pool.Close();
    }

    private UpstreamPool Join(Endpoint endpoint)
    {
        while (true)
        {
            var authority = endpoint.Authority;
            var pool = _byAuthority.GetOrAdd(authority, authority => new UpstreamPool(pool => _byAuthority.TryRemove(new(authority, pool))));
            if (pool.TryJoin())
                return endpoint.Join(pool);
            // It is being closed.
            _byAuthority.TryRemove(new(authority, pool));
        }
    }
}
