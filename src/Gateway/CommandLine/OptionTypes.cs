using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Gateway.Configuration.Resources;

namespace Gateway.CommandLine;

/// <summary>Makes options of the types that the command line knows; a value that is none of the type is told of in words.</summary>
internal static class OptionTypes
{
    public static Option<IPAddress> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "ADDRESS",
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address)
            ? address
            : Fail<IPAddress>(result, "is not an IP address, such as 127.0.0.1 or ::"),
    };

    public static Option<string?> Text(string name, string helpName, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            // What a script makes of a variable that is not set.
            if (result.Tokens is [{ Value: "" }])
                result.AddError($"{name}: the value is empty.");
        });
        return option;
    }

    public static Option<bool> Switch(string name, string description, bool byDefault) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => byDefault,
    };

    public static Option<int?> OptionalPort(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PORT",
        CustomParser = result => ParsePort(result, least: 1),
    };

    public static Option<int> Port(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "PORT",
        CustomParser = result => ParsePort(result, least: 0) ?? 0,
    };

    private static int? ParsePort(ArgumentResult result, int least) =>
        ushort.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= least
            ? port
            : Fail<int?>(result, $"is not a port: a number from {least} to 65535");

    public static Option<ObjectName?> Name(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NAMESPACE/NAME",
        CustomParser = result => ObjectName.TryParse(result.Tokens[0].Value, out var parsed)
            ? parsed
            : Fail<ObjectName?>(result, "is not of the form namespace/name"),
    };

    public static Option<TimeSpan> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result => Durations.TryParse(result.Tokens[0].Value, out var duration)
            ? duration
            : Fail<TimeSpan>(result, "is not a duration such as 30s, 500ms or 2m"),
    };

    public static Option<T> Choice<T>(string name, string description, T byDefault)
        where T : struct, Enum
    {
        var names = string.Join('|', Enum.GetNames<T>()).ToLowerInvariant();
        return new Option<T>(name)
        {
            Description = $"{description} [default: {byDefault.ToString().ToLowerInvariant()}]",
            HelpName = names,
            CustomParser = result => names.Split('|').Contains(result.Tokens[0].Value.ToLowerInvariant())
                ? Enum.Parse<T>(result.Tokens[0].Value, ignoreCase: true)
                : Fail<T>(result, $"is not one of {names}"),
        };
    }

    private static T? Fail<T>(ArgumentResult result, string problem)
    {
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: '{result.Tokens[0].Value}' {problem}.");
        return default;
    }
}
