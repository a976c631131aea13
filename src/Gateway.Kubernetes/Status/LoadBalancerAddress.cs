using System.Net;
using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Api;

namespace Gateway.Kubernetes.Status;

/// <summary>One of <c>status.loadBalancer.ingress</c>: an address by which clients reach the gateway.</summary>
/// <param name="Value">An IP address or a host name.</param>
public readonly record struct LoadBalancerAddress(string Value)
{
    /// <summary>Whether it belongs into <c>ip</c>, else into <c>hostname</c>. .NET also takes <c>1</c> or <c>10.1</c> for an address, Kubernetes does not.</summary>
    public bool IsIp => IPAddress.TryParse(Value, out _) && (Value.Contains(':') || Value.Count(c => c == '.') == 3);

    /// <summary>Each once and in one order, so that two lists of the same addresses are equal.</summary>
    public static EquatableArray<LoadBalancerAddress> Ordered(IEnumerable<string> addresses) =>
        addresses.Where(address => address.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(address => new LoadBalancerAddress(address)).ToEquatableArray();

    /// <summary>Reads <c>status.loadBalancer.ingress</c> of an Ingress or a Service; an entry may have <c>ip</c>, <c>hostname</c> or both.</summary>
    internal static EquatableArray<LoadBalancerAddress> Read(JsonElement resource)
    {
        List<string> addresses = [];
        if (resource.Find("status", "loadBalancer", "ingress") is { ValueKind: JsonValueKind.Array } entries)
        {
            foreach (var entry in entries.EnumerateArray())
                addresses.Add(entry.Text("hostname") ?? entry.Text("ip") ?? "");
        }
        return Ordered(addresses);
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
