namespace Gateway.Configuration.Ingress;

/// <summary>How much is served.</summary>
/// <param name="Ingresses">Ingresses that are ours and add something.</param>
/// <param name="Hosts">Hosts.</param>
/// <param name="Routes">Routes of all hosts.</param>
/// <param name="Endpoints">Endpoints of all service ports.</param>
public readonly record struct TranslationCounts(int Ingresses, int Hosts, int Routes, int Endpoints);
