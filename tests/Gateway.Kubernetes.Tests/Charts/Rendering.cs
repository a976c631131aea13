using k8s.Models;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>The objects of one rendering of the chart.</summary>
internal sealed record Rendering(IReadOnlyList<object> Objects)
{
    public T One<T>() => Objects.OfType<T>().Single();

    public T One<T>(string name) where T : IMetadata<V1ObjectMeta> => Objects.OfType<T>().Single(o => o.Metadata.Name == name);

    public V1PodTemplateSpec Pod => Objects.OfType<V1Deployment>().SingleOrDefault()?.Spec.Template ?? One<V1DaemonSet>().Spec.Template;

    /// <summary>Where the pods lie.</summary>
    public string Namespace => Objects.OfType<IMetadata<V1ObjectMeta>>().Single(o => o is V1Deployment or V1DaemonSet).Metadata.NamespaceProperty;

    public V1Container Container => Pod.Spec.Containers.Single(c => c.Name == "controller");

    /// <summary>What the gateway's service account may do.</summary>
    public IReadOnlySet<AccessRule> Access => AccessRule.GrantedTo(Namespace, Pod.Spec.ServiceAccountName, Objects);
}
