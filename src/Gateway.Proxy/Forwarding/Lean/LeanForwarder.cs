using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Endpoints;

using Gateway.Proxy.Threading;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>
/// Moves HTTP/1.1 requests to HTTP/1.1 upstreams, with or without TLS, and nothing else: no upgrades, no other versions.
/// What it does not do, it does not cost.
/// </summary>
internal sealed class LeanForwarder : IForwarder, IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);

    private readonly LeanTransport _transport;
    private readonly TimeProvider _time;
    private readonly UpstreamPools _pools = new();
    private readonly ITimer _sweeping;
    private volatile KeptConnections _kept;

    public LeanForwarder(GatewaySettings settings, LeanTransport transport, TimeProvider time)
    {
        (_kept, _transport, _time) = (KeptConnections.By(settings), transport, time);
        _sweeping = time.CreateTimer(static forwarder => ((LeanForwarder)forwarder!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    /// <summary>Takes over changed settings of connections; idle ones that were opened with others are closed.</summary>
    public void Apply(GatewaySettings settings)
    {
        var kept = KeptConnections.By(settings);
        if (kept == _kept)
            return;
        _kept = kept;
        Sweep();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public async ValueTask<ForwardOutcome> ForwardAsync(Exchange exchange, Endpoint endpoint)
    {
        var isTls = exchange.Protocol == BackendProtocol.Https;
        if (!isTls && exchange.Loop is { } loop)
            await loop.Switch();
        var lean = exchange.Lean ??= new LeanExchange(exchange, _time);
        var idle = _pools.Of(endpoint).Of(isTls, exchange.Loop);
        var mayRepeat = !exchange.HasBody && UpstreamFields.MayRepeat(exchange.Request.Method);
        var connection = idle.Rent(mayRepeat, _kept, _time);
        while (true)
        {
            if (connection is null)
            {
                var dialled = await DialAsync(exchange, endpoint, isTls);
                if (dialled.Connection is null)
                    return dialled.Failure;
                connection = dialled.Connection;
            }
            ForwardOutcome outcome;
            try
            {
                outcome = await lean.RunAsync(endpoint, connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
            if (lean.KeepsConnection)
            {
                idle.Return(connection, _kept, _time);
                return outcome;
            }
            connection.Dispose();
            if (!lean.MissedConnection)
                return outcome;
            // Over a new connection there is no second time.
            connection = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweeping.Dispose();
        _pools.Dispose();
    }

    private async ValueTask<(LeanConnection? Connection, ForwardOutcome Failure)> DialAsync(Exchange exchange, Endpoint endpoint, bool isTls)
    {
        try
        {
            var kept = _kept;
            var socket = await _transport.ConnectAsync(endpoint, isTls, exchange.Loop, exchange.Route!.Route.Timeouts.Connect, exchange.Lifetime.RequestAborted);
            var connection = new LeanConnection(socket, isTls, kept, _time.GetTimestamp());
            connection.Begin();
            return (connection, default);
        }
        catch (TimeoutException e)
        {
            return (null, new ForwardOutcome(ForwardError.ConnectTimeout, false, false, e));
        }
        catch (OperationCanceledException e)
        {
            return (null, new ForwardOutcome(ForwardError.ClientGone, false, false, e));
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return (null, new ForwardOutcome(ForwardError.ConnectFailed, false, false, e));
        }
    }

    private void Sweep() => _pools.Sweep(_kept, _time);
}
