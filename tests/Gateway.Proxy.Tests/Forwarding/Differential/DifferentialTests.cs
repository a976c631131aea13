using System.Globalization;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Forwarding;
using Gateway.Proxy.Forwarding.Lean;

namespace Gateway.Proxy.Tests.Forwarding.Differential;

/// <summary>Whatever a client asks and a backend answers, both see the same through any forwarder.</summary>
public sealed class DifferentialTests
{
    private const int Exchanges = 10_000;

    [Fact]
    public async Task Yarp_does_what_it_does() => await CompareAsync(Yarp, Yarp);

    [Fact]
    public async Task The_lean_forwarder_does_what_yarp_does() => await CompareAsync(Yarp, Lean);

    private static YarpForwarder Yarp(GatewaySettings settings, UpstreamDialer dialer) => new(settings, dialer, TimeProvider.System);

    private static ChosenForwarder Lean(GatewaySettings settings, UpstreamDialer dialer) =>
        new(Yarp(settings, dialer), new LeanForwarder(settings, new LeanTransport(dialer), TimeProvider.System));

    private static async Task CompareAsync(Func<GatewaySettings, UpstreamDialer, IForwarder> one, Func<GatewaySettings, UpstreamDialer, IForwarder> other)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var chosen) ? chosen : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"GATEWAY_TEST_SEED={seed}");
        var random = new Random(seed);
        var exchanges = Enumerable.Range(0, Exchanges).Select(number => GeneratedExchange.Draw(random, number)).ToArray();

        var expected = await Observation.OfAsync(exchanges, one);
        var actual = await Observation.OfAsync(exchanges, other);

        var different = exchanges.Where(exchange => expected[exchange.Number] != actual[exchange.Number]).ToArray();
        Assert.True(different.Length == 0, $"GATEWAY_TEST_SEED={seed}: {different.Length} exchanges differ.\n" + string.Join("\n\n", different.Take(5).Select(Describe)));

        string Describe(GeneratedExchange exchange) =>
            $"""
            {exchange.Number}:
            {Short(exchange.Request)}
            {Short(string.Join("|", exchange.Answer))} {(exchange.Closes ? "(closes)" : "")}
            --- one
            {Short(expected[exchange.Number].ToString())}
            --- other
            {Short(actual[exchange.Number].ToString())}
            """;

        static string Short(string text) => text.Length > 3000 ? text[..3000] + "..." : text;
    }
}
