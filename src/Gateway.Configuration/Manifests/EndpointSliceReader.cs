using System.Net.Sockets;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Reads <c>discovery.k8s.io/v1</c> EndpointSlice.</summary>
internal static class EndpointSliceReader
{
    private const string ServiceNameLabel = "kubernetes.io/service-name";
    private const int MostEndpoints = 1000;
    private const int MostAddresses = 100;
    private const int MostPorts = 20_000;

    public static EndpointSliceResource Read(ObjectName name, Field root, ObjectMetadata metadata)
    {
        var type = root["addressType"].OneOf("IPv4", "IPv6", "FQDN");
        if (!root["addressType"].IsSet)
            root["addressType"].Missing("Write IPv4, IPv6 or FQDN");
        Limit(root["endpoints"], MostEndpoints);
        Limit(root["ports"], MostPorts);
        return new EndpointSliceResource(name)
        {
            Service = metadata.Labels.GetValueOrDefault(ServiceNameLabel) is { Length: > 0 } service ? service : null,
            AddressType = type ?? "IPv4",
            Ports = ReadPorts(root["ports"]),
            Endpoints = root["endpoints"].Items().Take(MostEndpoints).Select(endpoint => ReadEndpoint(endpoint, type)).ToEquatableArray(),
        };
    }

    private static EquatableArray<EndpointPort> ReadPorts(Field field)
    {
        List<EndpointPort> ports = [];
        HashSet<string> names = [];
        foreach (var port in field.Items().Take(MostPorts))
        {
            var name = port["name"].Text() is { Length: > 0 } text ? text : null;
            if (name is not null)
                port["name"].CheckName(KubernetesName.Label);
            if (!names.Add(name ?? ""))
                port["name"].Refuse("another port has this name", "Give each port the name of its Service port");
            port["appProtocol"].CheckName(KubernetesName.Qualified);
            ports.Add(new EndpointPort(name, port["port"].Port(), port["protocol"].OneOf("TCP", "UDP", "SCTP") ?? "TCP"));
        }
        return ports.ToEquatableArray();
    }

    private static SliceEndpoint ReadEndpoint(Field endpoint, string? type)
    {
        var conditions = endpoint["conditions"];
        var ready = conditions["ready"].Flag() ?? true;
        var addresses = endpoint["addresses"];
        Limit(addresses, MostAddresses);
        var read = addresses.Items().Take(MostAddresses).Select(address => ReadAddress(address, type)).OfType<string>().ToEquatableArray();
        if (!addresses.Items().Any())
            addresses.Missing("Write at least one address");
        return new SliceEndpoint(
            read, ready, conditions["serving"].Flag() ?? ready, conditions["terminating"].Flag() ?? false,
            endpoint["targetRef"]["name"].Text(), endpoint["zone"].Text());
    }

    // The API server also refuses loopback and link-local addresses; in a folder they are what makes a laptop work.
    private static string? ReadAddress(Field address, string? type)
    {
        var text = address.RequiredText("Write an address");
        if (text is null or "")
            return null;
        switch (type)
        {
            case "IPv4" when !KubernetesName.IsAddress(text, AddressFamily.InterNetwork):
                address.Refuse("this is not an IPv4 address", "Write four decimal numbers without leading zeros, or change addressType");
                break;
            case "IPv6" when !KubernetesName.IsAddress(text, AddressFamily.InterNetworkV6):
                address.Refuse("this is not an IPv6 address", "Write it without brackets and zone, or change addressType");
                break;
            case "FQDN":
                address.CheckName(KubernetesName.Subdomain);
                break;
        }
        return text;
    }

    private static void Limit(Field list, int most)
    {
        if (list.Items().Skip(most).Any())
            list.Refuse($"there are more than {most} entries", "Spread them over several EndpointSlices");
    }
}
