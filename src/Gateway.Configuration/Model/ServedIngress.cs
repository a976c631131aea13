using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Model;

/// <summary>An Ingress that the gateway serves.</summary>
/// <param name="Name">Its namespace and name.</param>
/// <param name="Class">The class that it names, by <c>spec.ingressClassName</c> or the legacy annotation; null: none.</param>
/// <param name="Controller"><c>spec.controller</c> of that class; null when no such IngressClass is known.</param>
public sealed record ServedIngress(ObjectName Name, string? Class, string? Controller);
