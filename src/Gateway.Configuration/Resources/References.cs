namespace Gateway.Configuration.Resources;

/// <summary>Which other objects and hosts an object names; a name may come more than once.</summary>
internal static class References
{
    /// <summary>The wildcard host that stands for <paramref name="host"/> too (<c>*.foo.com</c> for <c>a.foo.com</c>), or null.</summary>
    public static string? WildcardAbove(string host) =>
        host.IndexOf('.') is > 0 and var dot && host[0] != '*' ? string.Concat("*", host.AsSpan(dot)) : null;

    extension(IngressResource ingress)
    {
        /// <summary>The Services of all backends.</summary>
        public IEnumerable<ObjectName> ServiceNames()
        {
            if (ingress.DefaultBackend?.Service is { } byDefault)
                yield return new ObjectName(ingress.Name.Namespace, byDefault);
            foreach (var rule in ingress.Rules)
            {
                foreach (var path in rule.Paths)
                {
                    if (path.Backend.Service is { } service)
                        yield return new ObjectName(ingress.Name.Namespace, service);
                }
            }
        }

        /// <summary>The Secrets of <c>spec.tls</c>.</summary>
        public IEnumerable<ObjectName> SecretNames()
        {
            foreach (var tls in ingress.Tls)
            {
                if (tls.SecretName is { } secret)
                    yield return new ObjectName(ingress.Name.Namespace, secret);
            }
        }

        /// <summary>The hosts of all rules, lower case; empty for rules without one and for a default backend without rules.</summary>
        public IEnumerable<string> HostNames()
        {
            if (ingress.Rules.Count == 0 && ingress.DefaultBackend is not null)
                yield return "";
            foreach (var rule in ingress.Rules)
                yield return rule.Host.ToLowerInvariant();
        }
    }

    extension(EndpointSliceResource slice)
    {
        /// <summary>The Service that the slice belongs to, or null.</summary>
        public ObjectName? ServiceName => slice.Service is { } service ? new ObjectName(slice.Name.Namespace, service) : null;
    }
}
