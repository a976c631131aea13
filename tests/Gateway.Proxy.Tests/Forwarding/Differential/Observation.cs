using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Forwarding;

namespace Gateway.Proxy.Tests.Forwarding.Differential;

/// <summary>What both ends saw of an exchange, as text that may be compared: whatever two forwarders may do differently is left out here, and nowhere else.</summary>
/// <param name="Client">What the client got.</param>
/// <param name="Backend">What the backend got.</param>
internal sealed partial record Observation(string Client, string Backend)
{
    /// <summary>A message may be framed in more than one way; its body and its end count. The date is that of the answer.</summary>
    private static readonly string[] NotCompared = ["Transfer-Encoding", "Content-Length", "Date"];

    /// <summary>Sends all exchanges through a forwarder: some at a time, each of which has a gateway and a backend of its own, so that chance decides nothing.</summary>
    public static async Task<Observation[]> OfAsync(IReadOnlyList<GeneratedExchange> exchanges, Func<GatewaySettings, UpstreamDialer, IForwarder> forwarder)
    {
        const int Gateways = 4;
        var observations = new Observation[exchanges.Count];
        await Task.WhenAll(Enumerable.Range(0, Gateways).Select(first => Task.Run(async () =>
        {
            await using var backend = new ScriptedBackend(exchanges);
            await using var server = await ForwardingServer.StartAsync(forwarder, backend.Port);
            using var client = new KeptClient(server.EndPoint);
            for (var i = first; i < exchanges.Count; i += Gateways)
            {
                var answer = await client.AskAsync(exchanges[i]);
                await backend.SettledAsync();
                observations[i] = new Observation(answer, backend.Seen is { } request ? Text(request, request.Trailers, "") : "nothing");
            }
        })));
        return observations;
    }

    private static string Text(WireMessage message, IReadOnlyList<(string, string)> trailers, string length)
    {
        var fields = message.Fields
            .Where(field => !NotCompared.Contains(field.Name, StringComparer.OrdinalIgnoreCase))
            .GroupBy(field => field.Name, field => field.Value, StringComparer.OrdinalIgnoreCase)
            .OrderBy(field => field.Key, StringComparer.OrdinalIgnoreCase)
            // A list may be sent in one field or in several (RFC 9110 5.3).
            .Select(field => $"{field.Key.ToUpperInvariant()}: {string.Join(Separator(field.Key), field).Trim()}");
        // The port was chosen by the system.
        var head = ForwardedPort().Replace(string.Join('\n', [message.StartLine, .. fields]), "X-FORWARDED-PORT: ");
        return $"{head}\n{length}\n{Escape(message.Body)}\n{string.Join('\n', trailers)}";
    }

    private static string Text(WireMessage? answer, string method) => answer switch
    {
        null => "cut off",
        // How much of it arrives is a matter of time.
        { IsComplete: false } => "cut off",
        // Here the length is all that is said of the body.
        _ when method == "HEAD" || answer.Status == 304 => Text(answer, answer.Trailers, string.Join(',', answer.All("Content-Length"))),
        _ => Text(answer, answer.Trailers, ""),
    };

    private static string Separator(string name) => name.ToUpperInvariant() switch
    {
        "COOKIE" => "; ",
        "USER-AGENT" => " ",
        _ => ", ",
    };

    private static string Escape(string body) =>
        body.Length <= 100 ? Uri.EscapeDataString(body)
            : string.Create(CultureInfo.InvariantCulture, $"{body.Length} bytes, {body.Aggregate(17L, (sum, next) => (sum * 31) + next)}");

    [GeneratedRegex("X-FORWARDED-PORT: [0-9]+")]
    private static partial Regex ForwardedPort();

    /// <summary>A client that keeps its connection as long as it may.</summary>
    private sealed class KeptClient(IPEndPoint server) : IDisposable
    {
        private NetworkStream? _stream;
        private WireReader? _reader;

        public async Task<string> AskAsync(GeneratedExchange exchange)
        {
            if (_stream is null)
            {
                var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(server);
                _stream = new NetworkStream(socket, ownsSocket: true);
                _reader = new WireReader(_stream);
            }
            try
            {
                await _stream.WriteAsync(Encoding.Latin1.GetBytes(exchange.Request));
            }
            catch (IOException)
            {
                // There may be an answer nevertheless.
            }
            var answer = await _reader!.ReadAnswerAsync(exchange.Method == "HEAD");
            if (answer is not { IsComplete: true } || answer.All("Connection").Contains("close") || exchange.Request.Contains(" HTTP/1.0\r\n", StringComparison.Ordinal))
                Dispose();
            return Text(answer, exchange.Method);
        }

        public void Dispose()
        {
            _stream?.Dispose();
            _stream = null;
        }
    }
}
