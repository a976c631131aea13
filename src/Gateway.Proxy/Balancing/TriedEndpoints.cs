using System.Runtime.CompilerServices;
using Gateway.Proxy.Endpoints;

namespace Gateway.Proxy.Balancing;

/// <summary>The endpoints that one request was sent to, in order. Lives in the request's own state; not thread-safe.</summary>
internal struct TriedEndpoints
{
    /// <summary>Most tries of a request: ingress-nginx's <c>proxy-next-upstream-tries</c>.</summary>
    public const int MostTries = 3;

    private Slots _slots;

    /// <summary>0–<see cref="MostTries"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no further try is allowed.</summary>
    public readonly bool Exhausted => Count == MostTries;

    /// <summary>Notes a try. Not valid when <see cref="Exhausted"/>.</summary>
    public void Add(Endpoint endpoint) => _slots[Count++] = endpoint;

    public readonly bool Contains(Endpoint endpoint)
    {
        for (var i = 0; i < Count; i++)
        {
            if (ReferenceEquals(_slots[i], endpoint))
                return true;
        }
        return false;
    }

    [InlineArray(MostTries)]
    private struct Slots
    {
        private Endpoint _first;
    }
}
