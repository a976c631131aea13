using System.Net;
using System.Net.Sockets;
using Gateway.Configuration.Model;
using Gateway.Proxy.Forwarding.Lean;

namespace Gateway.Proxy.Endpoints;

/// <summary>
/// One address of a service port. It exists once in the process and lives as long as the service port has the
/// address, whatever becomes of the other endpoints, so what is learnt about it is kept.
/// </summary>
internal sealed class Endpoint
{
    private int _inFlight;
    private UpstreamPool? _pool;
    private volatile bool _retired;
    private int _hasLeft;

    public Endpoint(EndpointAddress address)
    {
        (Host, Port, Pod, Zone) = (address.Host, address.Port, address.Pod, address.Zone);
        Authority = Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
        HttpPrefix = "http://" + Authority;
        HttpsPrefix = "https://" + Authority;
        Target = IPAddress.TryParse(Host, out var ip) ? new IPEndPoint(ip, Port) : new DnsEndPoint(Host, Port, AddressFamily.Unspecified);
    }

    /// <summary>An IP address without brackets, or a DNS name.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>The pod behind the address, where known.</summary>
    public string? Pod { get; }

    /// <summary>The pod's zone, where known.</summary>
    public string? Zone { get; }

    /// <summary>What to dial: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> that is resolved when dialled.</summary>
    public EndPoint Target { get; }

    /// <summary>Host and port as a URI writes them: <c>10.0.0.1:8080</c>, <c>[::1]:80</c>.</summary>
    public string Authority { get; }

    /// <summary><c>http://</c> and the authority.</summary>
    public string HttpPrefix { get; }

    /// <summary><c>https://</c> and the authority.</summary>
    public string HttpsPrefix { get; }

    /// <summary>How many requests it is working on.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The idle connections to its address; null until <see cref="Join"/>.</summary>
    public UpstreamPool? Pool => Volatile.Read(ref _pool);

    /// <summary>Gives it the pool of its address, which it has joined; returns that which it then has.</summary>
    public UpstreamPool Join(UpstreamPool pool)
    {
        var other = Interlocked.CompareExchange(ref _pool, pool, null);
        if (other is not null)
            pool.Leave();
        else if (_retired)
            LeaveOnce(pool);
        return other ?? pool;
    }

    /// <summary>The service port no longer has it: what is in flight ends, but no connection is kept.</summary>
    public void Retire()
    {
        _retired = true;
        if (Pool is { } pool)
            LeaveOnce(pool);
    }

    /// <summary>A request was sent to it; <see cref="Leave"/> must follow.</summary>
    public void Enter() => Interlocked.Increment(ref _inFlight);

    /// <summary>The request is over, whatever its outcome.</summary>
    public void Leave() => Interlocked.Decrement(ref _inFlight);

    public override string ToString() => Authority;

    private void LeaveOnce(UpstreamPool pool)
    {
        if (Interlocked.Exchange(ref _hasLeft, 1) == 0)
            pool.Leave();
    }
}
