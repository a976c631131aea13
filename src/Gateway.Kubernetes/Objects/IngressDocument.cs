using System.Buffers;
using System.Text.Json;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Objects;

/// <summary>Reads a single Ingress, by the code that reads those that are watched.</summary>
public static class IngressDocument
{
    private static readonly ObjectReader Reader = new();

    /// <summary>Reads it from UTF-8 JSON.</summary>
    /// <exception cref="JsonException">It is no Ingress.</exception>
    public static IngressResource Read(ReadOnlyMemory<byte> json) =>
        (IngressResource)Reader.ReadResource(ResourceKind.Ingress, new ReadOnlySequence<byte>(json)).Value;
}
