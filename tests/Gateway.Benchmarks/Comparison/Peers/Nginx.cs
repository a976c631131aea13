using System.Text;
using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>
/// nginx, adding the fields that ingress-nginx adds. Where ingress-nginx's own settings would slow nginx down in a case
/// (request bodies through a file, no buffers for answers), nginx's are left.
/// </summary>
internal sealed class Nginx : Peer
{
    public override string Name => "nginx";

    public override PeerCommand Prepare(PeerSetup setup, int port, string folder)
    {
        var program = Tool.Require("nginx");
        Write(folder, "sites.conf", Sites(setup.Hosts, port));
        var configuration = Configuration(setup, folder);
        return new PeerCommand(program, ["-p", folder, "-c", Write(folder, "nginx.conf", configuration), "-e", "stderr"], configuration);
    }

    /// <summary>The part of a configuration that is not about HTTP: in the foreground, and able to write its files whoever runs it.</summary>
    public static string Frame(int workers, string http) => $$"""
        daemon off;
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        worker_processes {{workers}};
        worker_rlimit_nofile 20000;
        pid nginx.pid;
        error_log stderr warn;
        events { worker_connections 20000; }
        http {
          client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
          keepalive_requests 10000000;
        {{http}}
        }
        """;

    private static string Configuration(PeerSetup setup, string folder) => Frame(setup.Cores.Count, $$"""
          log_format upstreaminfo '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_length $request_time [default-site-80] [] $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id';
          access_log {{Log(setup.Log, folder)}};
          server_names_hash_max_size {{Math.Max(setup.Routes * 8, 1024)}};
          server_names_hash_bucket_size 128;
          map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
          map $http_x_request_id $req_id { default $http_x_request_id; '' $request_id; }
          client_max_body_size 0;
          proxy_request_buffering off;
          proxy_max_temp_file_size 0;
          proxy_http_version 1.1;
          proxy_set_header Host $http_host;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
          proxy_set_header X-Request-ID $req_id;
          proxy_set_header X-Real-IP $remote_addr;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Host $http_host;
          proxy_set_header X-Forwarded-Port $server_port;
          proxy_set_header X-Forwarded-Proto $scheme;
          proxy_set_header X-Forwarded-Scheme $scheme;
          proxy_set_header X-Scheme $scheme;
          upstream backend { server {{setup.Backend}}; keepalive 320; keepalive_requests 10000000; }
          include sites.conf;
        """);

    private static string Log(AccessLog log, string folder) => log switch
    {
        AccessLog.Off => "off",
        AccessLog.Default => $"{folder}/access.log upstreaminfo",
        _ => $"{folder}/access.log upstreaminfo buffer=32k flush=1s",
    };

    private static string Sites(IEnumerable<string> hosts, int port)
    {
        var text = new StringBuilder();
        foreach (var host in hosts)
            text.Append("server { listen 127.0.0.1:").Append(port).Append("; server_name ").Append(host).AppendLine("; location / { proxy_pass http://backend; } }");
        return text.ToString();
    }
}
