using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Benchmarks.Comparison.Backends;
using Gateway.Benchmarks.Routing;
using Gateway.Configuration.Model;
using Gateway.Configuration.Settings;
using Gateway.Proxy;
using Gateway.Proxy.Listeners;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.Allocations;

/// <summary>
/// <c>allocations</c>: how many bytes a proxied request allocates, over all threads, when the code is warm and many are in flight. Neither load
/// nor backend allocates. A number of bytes does not depend on how busy the machine is: it fails where the bound is broken.
/// </summary>
internal static class AllocationsCommand
{
    private const int Clients = 64;
    private const int RequestsOfEach = 500;
    private const int Requests = Clients * RequestsOfEach;
    private const int Rounds = 5;

    private static readonly byte[] AnswerEnd = Encoding.ASCII.GetBytes(Comparison.Backends.Backend.SmallAnswer);

    /// <summary>Most bytes of a request over HTTP/1.1 to an HTTP/1.1 backend, the access log written.</summary>
    private const int Bound = 200;

    /// <summary>Runs it; returns 1 when the bound is broken.</summary>
    public static async Task<int> RunAsync()
    {
        await using var backend = new LeanBackend();
        await using var dataPlane = new DataPlane(
            NullLoggerFactory.Instance, TimeProvider.System,
            new DataPlaneOptions(AllowLocalAddresses: true) { Transport = Transport.Epoll, Forwarder = ForwarderKind.Lean, AccessLog = Stream.Null });
        await dataPlane.StartAsync(CancellationToken.None);
        var endPoint = await dataPlane.OpenAsync(new ListenerDefinition(ListenerNames.Http, IPAddress.Loopback, 0, IsTls: false), CancellationToken.None);
        var site = Sites.Site(Sites.Name(0));
        dataPlane.Apply(new ConfigurationDelta
        {
            Settings = GatewaySettings.Default,
            Hosts = [site],
            Endpoints = [new ServiceEndpoints(site.Routes[0].Backends[0].Service, [new EndpointAddress("127.0.0.1", backend.EndPoint.Port)])],
        });

        Socket[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Connect(endPoint))];
        var request = Encoding.ASCII.GetBytes(
            $"GET /api/v1/orders/4711?full=1 HTTP/1.1\r\nHost: {site.Host}\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n");
        var most = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            Ask(clients, request);
            most = (int)((GC.GetTotalAllocatedBytes(precise: true) - before) / Requests);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round + 1}: {most} bytes a request"));
        }
        if (most <= Bound)
            return 0;
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"A request allocates {most} bytes; the bound is {Bound}."));
        return 1;
    }

    private static Socket Connect(IPEndPoint endPoint)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(endPoint);
        return client;
    }

    /// <summary>All at once, so that many requests are in flight: what is kept for the next one must be enough for that.</summary>
    private static void Ask(Socket[] clients, byte[] request)
    {
        for (var i = 0; i < RequestsOfEach; i++)
        {
            foreach (var client in clients)
                client.Send(request);
            foreach (var client in clients)
                Receive(client);
        }
    }

    private static void Receive(Socket client)
    {
        Span<byte> answer = stackalloc byte[4096];
        var received = 0;
        do
        {
            var count = client.Receive(answer[received..]);
            if (count == 0)
                throw new InvalidOperationException("The gateway has closed the connection.");
            received += count;
        }
        while (!answer[..received].EndsWith(AnswerEnd));
        if (!answer.StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException("The gateway did not answer 200: " + Encoding.ASCII.GetString(answer[..received]));
    }
}
