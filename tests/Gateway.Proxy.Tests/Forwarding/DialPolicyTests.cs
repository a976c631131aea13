using System.Net;
using System.Net.Sockets;
using Gateway.Proxy.Forwarding;

namespace Gateway.Proxy.Tests.Forwarding;

public sealed class DialPolicyTests
{
    private static async Task<SocketException?> DialAsync(DialPolicy policy, EndPoint target)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await Record.ExceptionAsync(async () => await policy.ConnectAsync(socket, target, deadline.Token)) switch
        {
            null => null,
            SocketException exception => exception,
            var other => throw new InvalidOperationException("another fault", other),
        };
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1.2.3")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("64:ff9b::169.254.169.254")]
    public async Task In_a_cluster_the_machine_itself_and_its_link_are_never_dialled(string address)
    {
        var refused = await DialAsync(new DialPolicy(allowsLocal: false), new IPEndPoint(IPAddress.Parse(address), 80));

        Assert.Equal(SocketError.AccessDenied, refused?.SocketErrorCode);
        Assert.Contains("--allow-local-addresses", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_judged_by_where_it_leads()
    {
        using var listener = Listening(out var port);

        var refused = await DialAsync(new DialPolicy(allowsLocal: false), new DnsEndPoint("localhost", port));

        Assert.Equal(SocketError.AccessDenied, refused?.SocketErrorCode);
        Assert.Contains("localhost leads to ", refused!.Message, StringComparison.Ordinal);
        Assert.False(listener.Pending());
        Assert.Null(await DialAsync(new DialPolicy(allowsLocal: true), new DnsEndPoint("localhost", port)));
    }

    [Fact]
    public async Task The_ports_of_the_gateway_are_never_dialled_even_where_local_addresses_are()
    {
        using var own = Listening(out var ownPort);
        using var other = Listening(out var otherPort);
        var policy = new DialPolicy(allowsLocal: true);
        policy.NeverDial(ownPort);

        Assert.Contains("is the gateway itself", (await DialAsync(policy, new IPEndPoint(IPAddress.Loopback, ownPort)))?.Message, StringComparison.Ordinal);
        Assert.Null(await DialAsync(policy, new IPEndPoint(IPAddress.Loopback, otherPort)));
    }

    [Theory]
    [InlineData("192.0.2.7", 8080, "192.0.2.7", true)] // one of the machine's own: such connections go out from the address that they lead to
    [InlineData("192.0.2.7", 8081, "192.0.2.7", false)]
    [InlineData("192.0.2.8", 8080, "192.0.2.7", false)]
    [InlineData("::ffff:127.0.0.2", 8080, "::ffff:127.0.0.1", true)]
    public void A_connection_leads_to_the_gateway_by_any_address_of_the_machine(string remote, int port, string local, bool isOwn)
    {
        var policy = new DialPolicy(allowsLocal: true);
        policy.NeverDial(8080);

        Assert.Equal(isOwn, policy.IsOwn(new IPEndPoint(IPAddress.Parse(remote), port), IPAddress.Parse(local)));
    }

    [Fact]
    public async Task Of_a_name_that_leads_to_several_addresses_only_those_that_may_be_are_dialled()
    {
        using var listener = Listening(out var port);
        // TCP to the broadcast address fails at once and leaves the machine in no case.
        var policy = new DialPolicy(allowsLocal: false, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Broadcast]));

        Assert.NotNull(await DialAsync(policy, new DnsEndPoint("mixed.test", port)));
        Assert.False(listener.Pending());
    }

    private static TcpListener Listening(out int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return listener;
    }
}
