using k8s;
using k8s.Models;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>monitoring.coreos.com/v1 ServiceMonitor: the fields that the chart can set.</summary>
internal sealed class ServiceMonitor : IKubernetesObject<V1ObjectMeta>
{
    public const string ApiName = "monitoring.coreos.com/v1/ServiceMonitor";

    public string ApiVersion { get; set; } = "";
    public string Kind { get; set; } = "";
    public V1ObjectMeta Metadata { get; set; } = new();
    public MonitorSpec Spec { get; set; } = new();

    internal sealed class MonitorSpec
    {
        public Namespaces NamespaceSelector { get; set; } = new();
        public V1LabelSelector Selector { get; set; } = new();
        public List<Endpoint> Endpoints { get; set; } = [];
        public string? JobLabel { get; set; }
        public List<string>? TargetLabels { get; set; }
        public long? LabelLimit { get; set; }
        public long? LabelNameLengthLimit { get; set; }
        public long? LabelValueLengthLimit { get; set; }
        public long? SampleLimit { get; set; }
        public long? TargetLimit { get; set; }
    }

    internal sealed class Namespaces
    {
        public bool? Any { get; set; }
        public List<string>? MatchNames { get; set; }
    }

    internal sealed class Endpoint
    {
        public string Port { get; set; } = "";
        public string? Interval { get; set; }
        public string? ScrapeTimeout { get; set; }
        public bool? HonorLabels { get; set; }
        public List<Relabeling>? Relabelings { get; set; }
        public List<Relabeling>? MetricRelabelings { get; set; }
    }

    internal sealed class Relabeling
    {
        public string? Action { get; set; }
        public string? Regex { get; set; }
        public List<string>? SourceLabels { get; set; }
        public string? TargetLabel { get; set; }
        public string? Replacement { get; set; }
    }
}
