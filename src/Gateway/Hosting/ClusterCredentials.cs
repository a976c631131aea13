using Gateway.CommandLine;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.Serialization;

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
                return Read(file, options.Context);
            }
            if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 })
                return KubernetesClientConfiguration.BuildConfigFromConfigFile(currentContext: options.Context);
            if (!IsInPod && File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation))
                return Read(KubernetesClientConfiguration.KubeConfigDefaultLocation, options.Context);
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

    /// <summary>
    /// Reads one file. The library's own way to do it first describes every type of the Kubernetes API to the YAML reader, which
    /// stays in memory (some 35 MB); only the merging of the several files that <c>KUBECONFIG</c> may name is left to it.
    /// </summary>
    private static KubernetesClientConfiguration Read(string file, string? context)
    {
        using var text = File.OpenText(file);
        var kubeconfig = new DeserializerBuilder().IgnoreUnmatchedProperties().Build().Deserialize<K8SConfiguration?>(text)
            ?? throw new KubeConfigException($"{file} is empty.");
        // Paths in it are relative to it.
        kubeconfig.FileName = Path.GetFullPath(file);
        return KubernetesClientConfiguration.BuildConfigFromConfigObject(kubeconfig, context);
    }
}
