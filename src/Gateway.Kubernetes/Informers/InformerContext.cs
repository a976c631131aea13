using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Objects;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Informers;

/// <summary>What all informers of a source share.</summary>
/// <param name="Api">The API server.</param>
/// <param name="Reader">Reads objects.</param>
/// <param name="Contact">Whether the API server can be reached.</param>
/// <param name="Report">Takes diagnostics.</param>
/// <param name="ResyncPeriod">How often everything is listed for comparison; zero: never.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">The log.</param>
internal sealed record InformerContext(
    ApiClient Api, ObjectReader Reader, Contact Contact, Action<DiagnosticScope> Report, TimeSpan ResyncPeriod, TimeProvider Time, ILogger Logger);
