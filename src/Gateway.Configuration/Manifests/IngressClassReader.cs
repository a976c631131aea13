using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Reads <c>networking.k8s.io/v1</c> IngressClass.</summary>
internal static class IngressClassReader
{
    public static IngressClassResource Read(ObjectName name, Field root, ObjectMetadata metadata)
    {
        var controller = root["spec"]["controller"].RequiredText("Write the name of the controller, like example.com/ingress-controller");
        if (controller is { Length: > 0 } && (controller.Length > 250 || controller.IndexOf('/') is <= 0 || !KubernetesName.Subdomain.Allows(controller[..controller.IndexOf('/')])))
            root["spec"]["controller"].Refuse("this is not a path below a domain", "Write something like example.com/ingress-controller, at most 250 characters");
        return new IngressClassResource(name, controller ?? "", metadata.Annotations[Annotations.IsDefaultClass] == "true");
    }
}
