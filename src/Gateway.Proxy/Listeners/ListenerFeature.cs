namespace Gateway.Proxy.Listeners;

/// <summary>The listener that a connection came through; found among the features of each of its requests.</summary>
internal sealed record ListenerFeature(string Name, bool IsTls, int PublicPort);
