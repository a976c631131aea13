using System.Net;
using System.Text.RegularExpressions;

namespace Gateway.Testing.ApiServer.Validation;

/// <summary>The rules of names in the words of the API.</summary>
internal static partial class Names
{
    private const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + @"(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    public static void CheckSubdomain(List<Cause> causes, string field, string? name)
    {
        if (name is not { Length: <= 253 } || !Subdomain().IsMatch(name))
            causes.Add(Cause.Invalid(field, name, SubdomainRule));
    }

    public static void CheckHost(List<Cause> causes, string field, string host, bool wildcard)
    {
        if (IPAddress.TryParse(host, out _))
            causes.Add(Cause.Invalid(field, host, "must be a DNS name, not an IP address"));
        else if (!Subdomain().IsMatch(wildcard && host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host))
            causes.Add(Cause.Invalid(field, host, SubdomainRule));
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex Subdomain();
}
