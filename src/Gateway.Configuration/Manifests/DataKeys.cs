namespace Gateway.Configuration.Manifests;

/// <summary>What holds for the data of both Secrets and ConfigMaps.</summary>
internal static class DataKeys
{
    private const long LongestData = 1 << 20;

    public static void Check(Field data)
    {
        foreach (var (key, value) in data.Entries())
        {
            if (!KubernetesName.DataKey.Allows(key))
                value.Refuse($"the key is not {KubernetesName.DataKey.What}", KubernetesName.DataKey.Remedy);
        }
    }

    public static void CheckSize(Field data, long bytes)
    {
        if (bytes > LongestData)
            data.Refuse($"the values take more than {LongestData} bytes", "Split them over several objects");
    }
}
