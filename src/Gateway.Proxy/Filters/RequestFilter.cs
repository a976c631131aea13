namespace Gateway.Proxy.Filters;

/// <summary>A step on the request before it is forwarded, compiled from a <see cref="Gateway.Configuration.Model.RouteFilter"/>.</summary>
internal abstract class RequestFilter
{
    /// <summary>Null: go on. Otherwise the filter has answered, or will have once the task ends, and the request goes no further.</summary>
    public abstract Task? Apply(Exchange exchange);
}
