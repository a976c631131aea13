namespace Gateway.Proxy.Filters;

/// <summary>A step on the request, compiled from a <see cref="Gateway.Configuration.Model.RouteFilter"/>.</summary>
internal abstract class RequestFilter;
