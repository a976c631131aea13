using Endpoint = Gateway.Proxy.Endpoints.Endpoint;

namespace Gateway.Proxy.Telemetry;

/// <summary>One try of an exchange at an endpoint.</summary>
/// <param name="Endpoint">Whom it was sent to.</param>
/// <param name="Duration">From the choice of the endpoint to the end of its answer.</param>
/// <param name="Length">Bytes of its body that came.</param>
/// <param name="Status">What it answered, or what the gateway made of its failure.</param>
internal readonly record struct Attempt(Endpoint Endpoint, TimeSpan Duration, long Length, int Status);
