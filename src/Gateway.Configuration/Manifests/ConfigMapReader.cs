using System.Text;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Reads <c>v1</c> ConfigMap.</summary>
internal static class ConfigMapReader
{
    public static ConfigMapResource Read(ObjectName name, Field root)
    {
        var data = root["data"].TextEntries().OrderBy(pair => pair.Key, StringComparer.Ordinal).ToEquatableArray();
        DataKeys.Check(root["data"]);
        DataKeys.CheckSize(root["data"], data.Sum(pair => (long)Encoding.UTF8.GetByteCount(pair.Value)));
        return new ConfigMapResource(name, data);
    }
}
