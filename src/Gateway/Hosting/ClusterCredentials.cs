using Gateway.CommandLine;
using k8s;
using k8s.Exceptions;

namespace Gateway.Hosting;

/// <summary>Finds the way to the cluster.</summary>
internal static class ClusterCredentials
{
    /// <summary>Whether this process runs in a pod.</summary>
    public static bool IsInPod => KubernetesClientConfiguration.IsInCluster();

    /// <summary>The kubeconfig that is named, else what <c>KUBECONFIG</c> names, else the pod's own, else the user's.</summary>
    /// <exception cref="IOException">There is none, or it cannot be read; the message says what to do.</exception>
    public static KubernetesClientConfiguration Find(ClusterOptions options)
    {
        try
        {
            if (options.Kubeconfig is { } file)
            {
                if (!File.Exists(file))
                    throw new IOException($"The kubeconfig {file} does not exist. Correct --kubeconfig.");
                return KubernetesClientConfiguration.BuildConfigFromConfigFile(file, options.Context);
            }
            if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } || (!IsInPod && File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)))
                return KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: options.Context);
            if (IsInPod)
                return KubernetesClientConfiguration.InClusterConfig();
            throw new IOException(
                "There is no cluster: this is no pod, and neither KUBECONFIG nor ~/.kube/config is there. Give --kubeconfig FILE, or --manifests DIR to serve a folder.");
        }
        catch (Exception e) when (e is KubeConfigException or YamlDotNet.Core.YamlException)
        {
            throw new IOException($"The kubeconfig cannot be used: {e.Message}", e);
        }
    }
}
