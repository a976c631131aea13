using Gateway.Proxy.Listeners;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Proxy.Tests;

/// <summary>Makes data planes of the kind that <c>GATEWAY_TEST_TRANSPORT</c> and <c>GATEWAY_TEST_FORWARDER</c> name.</summary>
internal static class TestDataPlane
{
    public static Transport Transport { get; } = Named("GATEWAY_TEST_TRANSPORT", Transport.Sockets);

    public static DataPlane Create(ILoggerFactory? logging = null, TimeProvider? time = null, Stream? accessLog = null) => new(
        logging ?? NullLoggerFactory.Instance, time ?? TimeProvider.System,
        new DataPlaneOptions(AllowLocalAddresses: true)
        {
            Transport = Transport,
            Forwarder = Named("GATEWAY_TEST_FORWARDER", ForwarderKind.Yarp),
            AccessLog = accessLog,
        });

    private static T Named<T>(string variable, T byDefault)
        where T : struct, Enum =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } name ? Enum.Parse<T>(name, ignoreCase: true) : byDefault;
}
