using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>A part of a list.</summary>
/// <param name="Total">How many there are that pass the filters.</param>
/// <param name="Offset">Where this part begins.</param>
/// <param name="Next">The offset of the next part; null at the end.</param>
/// <param name="Items">The part itself.</param>
internal sealed record Page<T>(int Total, int Offset, int? Next, IReadOnlyList<T> Items);

/// <summary>The gateway in short.</summary>
/// <param name="Generation">How often what is served has changed since the start.</param>
/// <param name="RoutesHash">Equal on replicas that serve the same routes, certificates and settings.</param>
/// <param name="EndpointsHash">The same of endpoints.</param>
/// <param name="Ingresses">Ingresses that are served.</param>
/// <param name="Hosts">Hosts of all of them.</param>
/// <param name="Routes">Routes of all hosts.</param>
/// <param name="Endpoints">Endpoints of all Services that routes name.</param>
/// <param name="Problems">Diagnostics in force.</param>
/// <param name="Source">Where the objects come from.</param>
internal sealed record StatusView(
    long Generation, string RoutesHash, string EndpointsHash, int Ingresses, int Hosts, int Routes, int Endpoints, int Problems, SourceView Source);

/// <summary>Where the objects come from.</summary>
/// <param name="Name">The folder, or the API server.</param>
/// <param name="AgeSeconds">How long ago the state of the objects was last confirmed; 0 for a folder.</param>
/// <param name="IsLeader">Whether this replica writes status; null where nobody does.</param>
/// <param name="Kinds">What is watched; empty for a folder.</param>
internal sealed record SourceView(string Name, double AgeSeconds, bool? IsLeader, IReadOnlyList<KindView> Kinds);

/// <summary>One kind of objects that is watched.</summary>
internal sealed record KindView(string Kind, bool Synced, int Objects, double AgeSeconds, string? Problem);

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
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(ErrorView))]
internal sealed partial class AdminJson : JsonSerializerContext;
