using System.Net.Sockets;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Reads <c>v1</c> Service.</summary>
internal static class ServiceReader
{
    public static ServiceResource Read(ObjectName name, Field root)
    {
        var spec = root["spec"];
        var isExternal = spec["type"].OneOf("ClusterIP", "NodePort", "LoadBalancer", "ExternalName") == "ExternalName";
        var externalName = spec["externalName"];
        if (isExternal)
        {
            externalName.RequiredText("Write the host name that the Service stands for");
            if (externalName.Text() is { Length: > 0 } target && !KubernetesName.Subdomain.Allows(target.TrimEnd('.')))
                externalName.Refuse($"this is not {KubernetesName.Subdomain.What}", KubernetesName.Subdomain.Remedy);
        }
        else if (externalName.Text() is { Length: > 0 })
            externalName.Warn("this counts only in a Service of type ExternalName, it is ignored", "Write type: ExternalName, or remove it");
        var ports = ReadPorts(spec["ports"]);
        var isHeadless = spec["clusterIP"] is { IsSet: true } cluster && cluster.Text() == "None";
        if (ports.Count == 0 && !isExternal && !isHeadless)
            spec["ports"].Missing("Write at least one port");
        return new ServiceResource(name)
        {
            ExternalName = isExternal ? externalName.Text()?.TrimEnd('.') : null,
            ExternalIps = spec["externalIPs"].Items().Select(ReadAddress).OfType<string>().ToEquatableArray(),
            Ports = ports,
        };
    }

    private static EquatableArray<ServicePort> ReadPorts(Field field)
    {
        List<ServicePort> ports = [];
        HashSet<string> names = [];
        HashSet<(int, string)> numbers = [];
        foreach (var port in field.Items())
        {
            var name = port["name"].Text() is { Length: > 0 } text ? text : null;
            if (name is not null)
            {
                port["name"].CheckName(KubernetesName.Label);
                if (!names.Add(name))
                    port["name"].Refuse("another port has this name", "Give each port a name of its own");
            }
            else if (field.Items().Skip(1).Any())
                port["name"].Missing("Name each port of a Service that has several");

            if (!port["port"].IsSet)
                port["port"].Missing("Write the number of the port");
            var number = port["port"].Port();
            var protocol = port["protocol"].OneOf("TCP", "UDP", "SCTP") ?? "TCP";
            if (number is not null && !numbers.Add((number.Value, protocol)))
                port["port"].Refuse("another port has this number and protocol", "Remove one of the two");
            // Older clients write 0 for "the same as port".
            var target = port["targetPort"] is { IsSet: true, IsZero: false } given ? given.PortOrName() : default;
            ports.Add(new ServicePort(name, number ?? 0, target, protocol, ReadAppProtocol(port)));
        }
        return ports.ToEquatableArray();
    }

    private static string? ReadAppProtocol(Field port)
    {
        port["appProtocol"].CheckName(KubernetesName.Qualified);
        return port["appProtocol"].Text();
    }

    // The API server refuses loopback addresses here; in a folder they are what makes a laptop work.
    private static string? ReadAddress(Field address)
    {
        var text = address.RequiredText("Write an IP address");
        if (text is { Length: > 0 } && !KubernetesName.IsAddress(text, AddressFamily.InterNetwork) && !KubernetesName.IsAddress(text, AddressFamily.InterNetworkV6))
            address.Refuse("this is not an IP address", "Write an address; a host name goes into a Service of type ExternalName");
        return text;
    }
}
