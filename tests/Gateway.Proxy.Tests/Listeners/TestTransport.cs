using Gateway.Proxy.Listeners;

namespace Gateway.Proxy.Tests.Listeners;

/// <summary>The transport that the tests run on: the environment variable <c>GATEWAY_TEST_TRANSPORT</c> names it.</summary>
internal static class TestTransport
{
    public static readonly Transport Chosen =
        Environment.GetEnvironmentVariable("GATEWAY_TEST_TRANSPORT") is { Length: > 0 } name ? Enum.Parse<Transport>(name, ignoreCase: true) : Transport.Sockets;
}
