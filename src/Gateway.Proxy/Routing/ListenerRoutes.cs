using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Routing;

/// <summary>The hosts that one listener serves. Readers take no locks; the one writer swaps one reference a host.</summary>
internal sealed class ListenerRoutes
{
    private const string WildcardStart = "*.";

    private static readonly SearchValues<char> WildcardLabel = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    private readonly Hosts _exact = new();

    // By what follows the asterisk and the dot.
    private readonly Hosts _wildcard = new();

    private volatile CompiledHost? _any;

    /// <summary>
    /// Finds the host, then its route. An exact host comes before a wildcard, which stands for exactly one label, and
    /// that before the host of every name; the first of them is final, whether one of its routes takes the request or not.
    /// </summary>
    /// <param name="host">See <see cref="HostName"/>; in any case.</param>
    /// <param name="request">The rest of the request.</param>
    public MatchResult Match(ReadOnlySpan<char> host, in RequestView request)
    {
        var found = Find(host);
        return new MatchResult(found, found?.Match(request));
    }

    /// <summary>The host that serves the name; null: none.</summary>
    public CompiledHost? Find(ReadOnlySpan<char> host)
    {
        if (_exact.TryGet(host, out var exact))
            return exact;
        var dot = host.IndexOf('.');
        return dot > 0 && !host[..dot].ContainsAnyExcept(WildcardLabel) && _wildcard.TryGet(host[(dot + 1)..], out var wildcard)
            ? wildcard
            : _any;
    }

    /// <summary>Serves the host from now on, in the place of what was served under its name.</summary>
    public void Publish(CompiledHost host)
    {
        if (host.Host == HostRoutes.AnyHost)
            _any = host;
        else
            Of(host.Host, out var name).Publish(name, host);
    }

    /// <summary>Does not serve the host any more.</summary>
    public void Remove(string host)
    {
        if (host == HostRoutes.AnyHost)
            _any = null;
        else
            Of(host, out var name).Remove(name);
    }

    private Hosts Of(string host, out string name)
    {
        var wildcard = host.StartsWith(WildcardStart, StringComparison.Ordinal);
        name = wildcard ? host[WildcardStart.Length..] : host;
        return wildcard ? _wildcard : _exact;
    }

    /// <summary>Hosts by name, without case.</summary>
    private sealed class Hosts
    {
        private readonly ConcurrentDictionary<string, CompiledHost> _byName;
        private readonly ConcurrentDictionary<string, CompiledHost>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

        public Hosts()
        {
            _byName = new ConcurrentDictionary<string, CompiledHost>(StringComparer.OrdinalIgnoreCase);
            _bySpan = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public bool TryGet(ReadOnlySpan<char> name, [NotNullWhen(true)] out CompiledHost? host) => _bySpan.TryGetValue(name, out host);

        public void Publish(string name, CompiledHost host) => _byName[name] = host;

        public void Remove(string name) => _byName.TryRemove(name, out _);
    }
}
