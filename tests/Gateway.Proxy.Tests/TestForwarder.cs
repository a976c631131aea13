namespace Gateway.Proxy.Tests;

/// <summary>The forwarder that tests of the whole data plane run with: <c>GATEWAY_TEST_FORWARDER</c>, <c>yarp</c> or <c>lean</c>.</summary>
internal static class TestForwarder
{
    public static ForwarderKind Kind { get; } =
        Environment.GetEnvironmentVariable("GATEWAY_TEST_FORWARDER") is { Length: > 0 } name ? Enum.Parse<ForwarderKind>(name, ignoreCase: true) : ForwarderKind.Yarp;
}
