using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary><c>v1</c> Service.</summary>
internal sealed record ServiceJson : ResourceJson
{
    public ServiceSpec? Spec { get; init; }

    public override Resource ToResource(ObjectName name) => new ServiceResource(name)
    {
        ExternalName = Spec?.Type == "ExternalName" ? Spec.ExternalName?.TrimEnd('.') : null,
        ExternalIps = Map(Spec?.ExternalIPs, address => address),
        Ports = Map(Spec?.Ports, port => new ServicePort(
            string.IsNullOrEmpty(port.Name) ? null : port.Name, port.Port, port.TargetPort, port.Protocol ?? "TCP", port.AppProtocol)),
    };

    internal sealed record ServiceSpec(string? Type, string? ExternalName, string?[]? ExternalIPs, PortEntry?[]? Ports);

    internal sealed record PortEntry(
        string? Name, int Port, [property: JsonConverter(typeof(IntOrString))] PortReference TargetPort, string? Protocol, string? AppProtocol);

    /// <summary>Reads an <c>IntOrString</c>; 0 and "" name nothing.</summary>
    internal sealed class IntOrString : JsonConverter<PortReference>
    {
        public override PortReference Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.Number => new PortReference(reader.GetInt32(), null),
            JsonTokenType.String => reader.GetString() is { Length: > 0 } name ? new PortReference(0, name) : default,
            _ => throw new JsonException(),
        };

        public override void Write(Utf8JsonWriter writer, PortReference value, JsonSerializerOptions options) => throw new NotSupportedException();
    }
}
