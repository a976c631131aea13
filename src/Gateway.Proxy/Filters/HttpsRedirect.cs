using Gateway.Proxy.Answers;
using Gateway.Proxy.Routing;

namespace Gateway.Proxy.Filters;

/// <summary>Sends plain requests to https, as ingress-nginx does: no port in the Location, one trailing slash of the path cut off unless it is to be kept.</summary>
internal sealed class HttpsRedirect(int statusCode, bool preserveTrailingSlash) : RequestFilter
{
    private static readonly AnswerReason NoHost = AnswerReason.Invalid(400, "The request names no host, so there is no URL to redirect it to.");

    public override Task? Apply(Exchange exchange)
    {
        if (exchange.Client.Scheme == "https")
            return null;
        return exchange.Client.Host.Length == 0
            ? LocalAnswer.WriteAsync(exchange, NoHost)
            : LocalAnswer.RedirectAsync(exchange, statusCode, Location(exchange.Client.Host, exchange.Target, preserveTrailingSlash));
    }

    /// <summary>The https URL of the same resource.</summary>
    internal static string Location(string host, string target, bool preserveTrailingSlash)
    {
        var name = HostName.TryParse(host, out var parsed) ? parsed : host;
        var query = target.IndexOf('?');
        var path = query < 0 ? target.AsSpan() : target.AsSpan(0, query);
        if (!preserveTrailingSlash && path.EndsWith('/'))
            path = path[..^1];
        return string.Concat("https://", name, path, query < 0 ? [] : target.AsSpan(query));
    }
}
