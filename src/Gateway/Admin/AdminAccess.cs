using System.Net;
using Gateway.Configuration.Resources;
using Microsoft.AspNetCore.Http;

namespace Gateway.Admin;

/// <summary>
/// Who may read what: loopback (a port-forward arrives from there) and the peers that the operator names, all;
/// everybody else, the probes and the metrics.
/// </summary>
internal sealed class AdminAccess(EquatableArray<IPNetwork> allowed)
{
    /// <summary>Lets a request through or answers 403.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Value is "/healthz" or "/readyz" or "/metrics" || IsAllowed(context.Connection.RemoteIpAddress))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Only loopback and the peers of --admin-allow-cidr may read this.\n");
    }

    /// <summary>Whether this peer may read everything.</summary>
    internal bool IsAllowed(IPAddress? peer)
    {
        if (peer is null)
            return false;
        if (IPAddress.IsLoopback(peer))
            return true;
        foreach (var network in allowed)
        {
            if (network.Contains(peer))
                return true;
        }
        return false;
    }
}
