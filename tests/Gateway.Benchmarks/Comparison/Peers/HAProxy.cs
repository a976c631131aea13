using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>HAProxy, adding the same fields.</summary>
internal sealed class HAProxy : Peer
{
    public override string Name => "HAProxy";

    public override string? Unfit(PeerSetup setup) => setup.Log == AccessLog.Off ? null : "it logs over a socket, not to a file";

    public override PeerCommand Prepare(PeerSetup setup, int port, string folder)
    {
        var program = Tool.Require("haproxy");
        Write(folder, "hosts.map", string.Join('\n', setup.Hosts.Select(host => host + " backend")) + "\n");
        var configuration = $"""
            global
              nbthread {setup.Cores.Count}
              no strict-limits
              maxconn 11000
            defaults
              mode http
              timeout connect 5s
              timeout client 75s
              timeout server 60s
              timeout tunnel 1h
            frontend front
              bind 127.0.0.1:{port}
              http-request set-header X-Request-ID %[uuid] unless {"{"} req.hdr(X-Request-ID) -m found {"}"}
              http-request set-header X-Real-IP %[src]
              http-request set-header X-Forwarded-For %[src]
              http-request set-header X-Forwarded-Host %[req.hdr(Host)]
              http-request set-header X-Forwarded-Port %[dst_port]
              http-request set-header X-Forwarded-Proto http
              http-request set-header X-Forwarded-Scheme http
              http-request set-header X-Scheme http
              use_backend %[req.hdr(host),lower,map({folder}/hosts.map)]
            backend backend
              http-reuse always
              server backend {setup.Backend}

            """;
        return new PeerCommand(program, ["-db", "-f", Write(folder, "haproxy.cfg", configuration)], configuration);
    }
}
