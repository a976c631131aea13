using System.Net.Sockets;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Reads <c>networking.k8s.io/v1</c> Ingress.</summary>
internal static class IngressReader
{
    public static IngressResource Read(ObjectName name, Field root, ObjectMetadata metadata)
    {
        var spec = root["spec"];
        spec.Knows("ingressClassName", "defaultBackend", "rules", "tls");
        if (!spec["rules"].Items().Any() && !spec["rules"].IsReported && !spec["defaultBackend"].IsSet)
            spec.Missing("Write rules or a defaultBackend");
        spec["ingressClassName"].CheckName(KubernetesName.Subdomain);
        var className = spec["ingressClassName"].Text();
        if (className is not null && metadata.Annotations[Annotations.IngressClass] is { } annotated && annotated != className)
        {
            root["metadata"]["annotations"].Refuse(
                $"{Annotations.IngressClass} and spec.ingressClassName name different classes", $"Remove the annotation {Annotations.IngressClass}");
        }
        return new IngressResource(name)
        {
            CreatedAt = metadata.CreatedAt,
            Annotations = metadata.Annotations,
            ClassName = className,
            DefaultBackend = spec["defaultBackend"] is { IsSet: true } backend ? ReadBackend(backend) : null,
            Rules = spec["rules"].Items().Select(ReadRule).ToEquatableArray(),
            Tls = spec["tls"].Items().Select(ReadTls).ToEquatableArray(),
        };
    }

    private static IngressRule ReadRule(Field rule)
    {
        rule.Knows("host", "http");
        var host = rule["host"].Text() ?? "";
        if (host.Length > 0)
            CheckHost(rule["host"], host);
        var http = rule["http"];
        if (!http.IsSet)
            return new IngressRule(host, []);
        http.Knows("paths");
        var paths = http["paths"].Items().Select(ReadPath).ToEquatableArray();
        if (paths.Count == 0)
            http["paths"].Missing("Write at least one path, or leave out http");
        return new IngressRule(host, paths);
    }

    private static void CheckHost(Field field, string host)
    {
        if (KubernetesName.IsAddress(host, AddressFamily.InterNetwork) || KubernetesName.IsAddress(host, AddressFamily.InterNetworkV6))
            field.Refuse("a host cannot be an IP address", "Write a DNS name, or leave out the host to serve every name and address");
        else
            field.CheckName(KubernetesName.Host);
    }

    private static IngressPath ReadPath(Field field)
    {
        field.Knows("path", "pathType", "backend");
        var path = field["path"].Text() ?? "";
        IngressPathType? type = field["pathType"].OneOf("Exact", "Prefix", "ImplementationSpecific") switch
        {
            "Exact" => IngressPathType.Exact,
            "Prefix" => IngressPathType.Prefix,
            "ImplementationSpecific" => IngressPathType.ImplementationSpecific,
            _ => null,
        };
        if (!field["pathType"].IsSet)
            field["pathType"].Missing("Write Exact, Prefix or ImplementationSpecific");
        CheckPath(field["path"], path, type);
        var backend = field["backend"];
        if (!backend.IsSet)
            backend.Missing("Write a service with name and port");
        return new IngressPath(path, type ?? IngressPathType.ImplementationSpecific, ReadBackend(backend));
    }

    private static void CheckPath(Field field, string path, IngressPathType? type)
    {
        if (path.Length == 0)
        {
            if (type is IngressPathType.Exact or IngressPathType.Prefix)
                field.Missing("Write \"/\" for every path");
        }
        else if (path[0] != '/')
            field.Refuse("the path does not start with a slash", $"Write \"/{path}\"");
        else if (type is IngressPathType.Exact or IngressPathType.Prefix)
        {
            foreach (var part in (ReadOnlySpan<string>)["//", "/./", "/../", "%2f", "%2F"])
            {
                if (path.Contains(part, StringComparison.Ordinal))
                    field.Refuse($"the path contains {part}, which no request matches", "Write the path in its plain form");
            }
            if (path.EndsWith("/.", StringComparison.Ordinal) || path.EndsWith("/..", StringComparison.Ordinal))
                field.Refuse("the path ends in a dot segment, which no request matches", "Write the path in its plain form");
        }
    }

    private static IngressBackend ReadBackend(Field backend)
    {
        if (!backend.IsSet)
            return new IngressBackend(null, default);
        backend.Knows("service", "resource");
        var (service, resource) = (backend["service"], backend["resource"]);
        if (service.IsSet == resource.IsSet)
        {
            backend.Refuse(
                service.IsSet ? "service and resource are both given" : "neither service nor resource is given",
                service.IsSet ? "Remove the resource" : "Write service.name and service.port.number");
        }
        if (service.IsSet)
        {
            service.Knows("name", "port");
            var name = service["name"].RequiredText("Write the name of a Service of the same namespace");
            if (name is not "")
                service["name"].CheckName(KubernetesName.Label);
            return new IngressBackend(name, ReadPort(service["port"]));
        }
        if (!resource.IsSet)
            return new IngressBackend(null, default);
        var kind = resource["kind"].RequiredText("Write the kind of the object");
        return new IngressBackend(null, default, $"{kind}/{resource["name"].RequiredText("Write the name of the object")}");
    }

    private static PortReference ReadPort(Field port)
    {
        if (port is { IsSet: true, IsMap: false })
        {
            port.Refuse("this is not a map of name or number", "Write { number: … } or { name: … }");
            return default;
        }
        port.Knows("name", "number");
        var (number, name) = (port["number"], port["name"]);
        var text = name.Text();
        if (number.IsSet && text is { Length: > 0 })
            port.Refuse("name and number are both given", "Remove one of the two");
        else if (!number.IsSet && !name.IsSet || text is "")
            port.Missing("Write the number, or the name, of a port of the Service");
        if (text is { Length: > 0 })
            name.CheckName(KubernetesName.Port);
        return new PortReference(number.Port() ?? 0, text);
    }

    private static IngressTls ReadTls(Field tls)
    {
        tls.Knows("hosts", "secretName");
        List<string> hosts = [];
        foreach (var host in tls["hosts"].Items())
        {
            host.RequiredText("Write a host name, or remove the entry");
            if (host.Text() is { Length: > 0 } text)
            {
                host.CheckName(KubernetesName.Host);
                hosts.Add(text);
            }
        }
        var secret = tls["secretName"].Text();
        if (secret is not "")
            tls["secretName"].CheckName(KubernetesName.Subdomain);
        return new IngressTls(hosts.ToEquatableArray(), secret is "" ? null : secret);
    }
}
