using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>A part of a list.</summary>
/// <param name="Total">How many there are that pass the filters.</param>
/// <param name="Offset">Where this part begins.</param>
/// <param name="Next">The offset of the next part; null at the end.</param>
/// <param name="Items">The part itself.</param>
internal sealed record Page<T>(int Total, int Offset, int? Next, IReadOnlyList<T> Items);

/// <summary>A route.</summary>
internal sealed record RouteView(
    string Host, string Path, string PathType, string Source, IReadOnlyList<BackendView> Backends, IReadOnlyList<string> Filters, TimeoutsView Timeouts);

/// <summary>One of a route's backends.</summary>
internal sealed record BackendView(string Service, string Port, int Weight, string Protocol);

/// <summary>Seconds.</summary>
internal sealed record TimeoutsView(double Connect, double Read, double Send);

/// <summary>A service port and its endpoints.</summary>
internal sealed record ClusterView(string Service, string Port, IReadOnlyList<EndpointView> Endpoints);

/// <summary>One endpoint.</summary>
internal sealed record EndpointView(string Address, string Condition, int InFlight, string? Pod, string? Zone);

/// <summary>What handshakes for a host are answered with; never a private key.</summary>
internal sealed record CertificateView(
    string Host, string? Secret, bool IsDefault, string? Subject, string? Issuer, string? SerialNumber, IReadOnlyList<string> DnsNames,
    DateTimeOffset? NotBefore, DateTimeOffset? NotAfter);

/// <summary>One problem.</summary>
internal sealed record DiagnosticView(
    string Severity, string? Object, string? Origin, string Field, string? Value, string Problem, string Remedy);

/// <summary>What is wrong with a call of the API.</summary>
internal sealed record ErrorView(string Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(Page<RouteView>))]
[JsonSerializable(typeof(Page<ClusterView>))]
[JsonSerializable(typeof(Page<CertificateView>))]
[JsonSerializable(typeof(Page<DiagnosticView>))]
[JsonSerializable(typeof(ErrorView))]
internal sealed partial class AdminJson : JsonSerializerContext;
