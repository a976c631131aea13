using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Proxy.Listeners;

/// <summary>The address of a <see cref="Pipeline"/>, for the server, that thinks it listens there.</summary>
internal sealed class PipelineEndPoint(Pipeline pipeline) : EndPoint
{
    public Pipeline Pipeline { get; } = pipeline;

    public override string ToString() => Pipeline.Name;
}

/// <summary>What the server does with a connection, from the first byte on. Connections are handed over by the listeners.</summary>
internal sealed class Pipeline(string name) : IConnectionListener
{
    private readonly Channel<ConnectionContext> _connections =
        Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

    public string Name { get; } = name;

    public EndPoint EndPoint => new PipelineEndPoint(this);

    /// <summary>Hands a connection over; false once the server has stopped.</summary>
    public bool TryHandOver(ConnectionContext connection) => _connections.Writer.TryWrite(connection);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _connections.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_connections.Reader.TryRead(out var connection))
                return connection;
        }
        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _connections.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();
}

/// <summary>The transport that the server is given: it "listens" on pipelines, and so never owns a port.</summary>
internal sealed class PipelineTransport : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(((PipelineEndPoint)endpoint).Pipeline);
}
