using System.CommandLine;
using Gateway.CommandLine;
using Gateway.Logging;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.CommandLine;

/// <summary>What can be typed, and what is said about what cannot.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("--http-port 70000", "--http-port: '70000' is not a port: a number from 0 to 65535.")]
    [InlineData("--https-port -1", "--https-port: '-1' is not a port: a number from 0 to 65535.")]
    [InlineData("--admin-port web", "--admin-port: 'web' is not a port: a number from 0 to 65535.")]
    [InlineData("--public-http-port 0", "--public-http-port: '0' is not a port: a number from 1 to 65535.")]
    [InlineData("--bind-address home", "--bind-address: 'home' is not an IP address, such as 127.0.0.1 or ::.")]
    [InlineData("--default-backend-service web", "--default-backend-service: 'web' is not of the form namespace/name.")]
    [InlineData("--default-ssl-certificate a/b/c", "--default-ssl-certificate: 'a/b/c' is not of the form namespace/name.")]
    [InlineData("--configmap /settings", "--configmap: '/settings' is not of the form namespace/name.")]
    [InlineData("--admin-allow-cidr 10.0.0.0", "--admin-allow-cidr: '10.0.0.0' is not a CIDR such as 10.0.0.0/8.")]
    [InlineData("--admin-allow-cidr 10.0.0.0/33", "--admin-allow-cidr: '10.0.0.0/33' is not a CIDR such as 10.0.0.0/8.")]
    [InlineData("--admin-allow-cidr 10.0.0.0/8 --admin-allow-cidr all", "--admin-allow-cidr: 'all' is not a CIDR such as 10.0.0.0/8.")]
    [InlineData("--pre-stop-delay soon", "--pre-stop-delay: 'soon' is not a duration such as 30s, 500ms or 2m.")]
    [InlineData("--shutdown-timeout -1s", "--shutdown-timeout: '-1s' is not a duration such as 30s, 500ms or 2m.")]
    [InlineData("--log-level loud", "--log-level: 'loud' is not one of trace|debug|information|warning|error|critical|none.")]
    [InlineData("--log-level 1", "--log-level: '1' is not one of trace|debug|information|warning|error|critical|none.")]
    [InlineData("--log-format xml", "--log-format: 'xml' is not one of text|json.")]
    [InlineData("--http-port", "Required argument missing for option: '--http-port'.")]
    [InlineData("--unknown", "Unrecognized command or argument '--unknown'.")]
    public void A_mistake_is_named_with_its_option_and_value(string arguments, string message) =>
        Assert.Equal(message, Assert.Single(Run(arguments).Errors).Message);

    [Fact]
    public void A_folder_without_a_name_is_a_mistake() =>
        Assert.Equal("--manifests: the value is empty.", Assert.Single(GatewayCommand.Parse(["run", "--manifests", ""]).Errors).Message);

    [Fact]
    public void A_file_in_the_place_of_a_folder_is_a_mistake()
    {
        var file = typeof(UsageTests).Assembly.Location;
        Assert.Equal(
            $"--manifests: '{file}' is a file. Name the folder that it is in.", Assert.Single(GatewayCommand.Parse(["run", "--manifests", file]).Errors).Message);
    }

    [Theory]
    [InlineData("--watch-namespace shop")]
    [InlineData("--take-over")]
    [InlineData("--update-status=false")]
    [InlineData("--class-grace 5s")]
    public void What_concerns_a_cluster_does_not_go_with_a_folder(string arguments) =>
        Assert.Equal(
            $"{arguments.Split(' ', '=')[0]} is about a cluster, so it does not go with --manifests.", Assert.Single(Run(arguments).Errors).Message);

    [Theory]
    [InlineData("--publish-service web", "--publish-service: 'web' is not of the form namespace/name.")]
    [InlineData("--validating-webhook-port 0", "--validating-webhook-port: '0' is not a port: a number from 1 to 65535.")]
    [InlineData("--resync-period often", "--resync-period: 'often' is not a duration such as 30s, 500ms or 2m.")]
    public void A_mistake_that_concerns_a_cluster_is_named_too(string arguments, string message) =>
        Assert.Equal(message, Assert.Single(GatewayCommand.Parse(["run", .. arguments.Split(' ')]).Errors).Message);

    [Theory]
    [InlineData("--log-level warning --log-format json", LogLevel.Warning, LogFormat.Json)]
    [InlineData("--log-level=DEBUG --log-format=Text", LogLevel.Debug, LogFormat.Text)]
    public void Words_are_taken_in_any_case(string arguments, LogLevel level, object format)
    {
        var parsed = Run(arguments);
        Assert.Empty(parsed.Errors);
        Assert.Equal((level, format), (parsed.GetValue<LogLevel>("--log-level"), parsed.GetValue<LogFormat>("--log-format")));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("demo")]
    public void Every_option_is_described(string command)
    {
        var options = GatewayCommand.Parse([command]).CommandResult.Command.Options;
        Assert.True(options.Count > 10);
        Assert.All(options, option => Assert.False(string.IsNullOrWhiteSpace(option.Description), option.Name));
    }

    private static ParseResult Run(string arguments) => GatewayCommand.Parse(["run", "--manifests", "folder", .. arguments.Split(' ')]);
}
