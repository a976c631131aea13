using Gateway.Proxy.Clients;

namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>The lines that tell an upstream of the client: the same for all requests of a connection to a host, hardly ever others.</summary>
internal sealed class ClientLines
{
    private ClientIdentity? _client;
    private byte[] _lines = [];

    /// <summary>Those of <paramref name="client"/>; empty when others were written last.</summary>
    public ReadOnlySpan<byte> Of(in ClientIdentity client) => _client == client ? _lines : [];

    /// <summary>Takes what was written.</summary>
    public void Keep(in ClientIdentity client, ReadOnlySpan<byte> lines) => (_client, _lines) = (client, lines.ToArray());
}
