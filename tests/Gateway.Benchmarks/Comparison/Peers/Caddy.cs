using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>Caddy, adding the same fields; not a package of Debian's, so it takes part where it is.</summary>
internal sealed class Caddy : Peer
{
    public override string Name => "Caddy";

    public override string? Unfit(PeerSetup setup) => setup.Log == AccessLog.Off ? null : "its access log has another form";

    public override PeerCommand Prepare(PeerSetup setup, int port, string folder)
    {
        var program = Tool.Require("caddy");
        var proxy = $$"""
            {
              admin off
              auto_https off
              persist_config off
            }
            (proxy) {
              reverse_proxy {{setup.Backend}} {
                header_up X-Request-ID {http.request.uuid}
                header_up X-Real-IP {http.request.remote.host}
                header_up X-Forwarded-Host {http.request.hostport}
                header_up X-Forwarded-Port {{port}}
                header_up X-Forwarded-Scheme http
                header_up X-Scheme http
                transport http {
                  keepalive_idle_conns_per_host 320
                }
              }
            }

            """;
        var sites = string.Concat(setup.Hosts.Select(host => $"http://{host}:{port} {{\n  bind 127.0.0.1\n  import proxy\n}}\n"));
        return new PeerCommand(program, ["run", "--adapter", "caddyfile", "--config", Write(folder, "Caddyfile", proxy + sites)], proxy);
    }
}
