using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Ingress;

/// <summary>The command line's part in the translation; fixed for the life of the process.</summary>
public sealed record TranslationOptions
{
    /// <summary>What ingress-nginx's IngressClass has as its <c>spec.controller</c>.</summary>
    public const string IngressNginxController = "k8s.io/ingress-nginx";

    /// <summary>Controller names of the IngressClasses that are served when <c>--controller-class</c> is not given.</summary>
    public static EquatableArray<string> DefaultControllerClasses { get; } = ["gateway.yarp/ingress-controller", IngressNginxController];

    /// <summary><c>--ingress-class</c>: the class that the legacy annotation must name, and that an IngressClass-less folder may.</summary>
    public string IngressClass { get; init; } = "nginx";

    /// <summary>IngressClasses whose <c>spec.controller</c> is one of these are ours.</summary>
    public EquatableArray<string> ControllerClasses { get; init; } = DefaultControllerClasses;

    /// <summary><c>--watch-ingress-without-class</c>: Ingresses that name no class at all are ours too.</summary>
    public bool ServesIngressesWithoutClass { get; init; }

    /// <summary><c>--ingress-class-by-name</c>: an IngressClass of the name <see cref="IngressClass"/> is ours whatever its controller.</summary>
    public bool ServesClassByName { get; init; }

    /// <summary>
    /// Whether an Ingress that names the class <see cref="IngressClass"/> is ours though no such IngressClass is known: where
    /// rights end at a namespace, IngressClasses cannot be read.
    /// </summary>
    public bool ServesUnknownClass { get; init; }

    /// <summary>Whether the objects come from a folder: Ingresses without a class are then served while no IngressClass object exists, and Services may do without EndpointSlices.</summary>
    public bool ManifestMode { get; init; }

    /// <summary><c>--watch-namespace</c>: the only namespace whose Services are read; null: all.</summary>
    public string? WatchNamespace { get; init; }

    /// <summary><c>--secret-namespaces</c>, else <c>--watch-namespace</c>: the only namespaces whose Secrets are read; empty: all.</summary>
    public EquatableArray<string> SecretNamespaces { get; init; }

    /// <summary><c>--default-backend-service</c>: takes requests that match no route.</summary>
    public ObjectName? DefaultBackendService { get; init; }

    /// <summary><c>--default-ssl-certificate</c>: the Secret for names without a certificate.</summary>
    public ObjectName? DefaultSslCertificate { get; init; }

    /// <summary><c>--configmap</c>.</summary>
    public ObjectName? ConfigMap { get; init; }
}
