using System.Text;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>Reads <c>v1</c> Secret.</summary>
internal static class SecretReader
{
    public static SecretResource Read(ObjectName name, Field root)
    {
        SortedDictionary<string, byte[]> data = new(StringComparer.Ordinal);
        foreach (var (key, value) in root["data"].TextEntries())
            data[key] = Decode(root["data"], key, value);
        foreach (var (key, value) in root["stringData"].TextEntries())
            data[key] = Encoding.UTF8.GetBytes(value);

        DataKeys.Check(root["data"]);
        DataKeys.Check(root["stringData"]);
        DataKeys.CheckSize(root["data"], data.Values.Sum(value => (long)value.Length));
        var type = root["type"].Text() is { Length: > 0 } text ? text : "Opaque";
        if (type == SecretResource.TlsType)
        {
            foreach (var key in (ReadOnlySpan<string>)["tls.crt", "tls.key"])
            {
                if (!data.ContainsKey(key))
                    root["data"].At(key).Missing($"A Secret of type {type} has the keys tls.crt and tls.key");
            }
        }
        return new SecretResource(name, type, data.Select(pair => new SecretEntry(pair.Key, new SensitiveBytes(pair.Value))).ToEquatableArray());
    }

    private static byte[] Decode(Field data, string key, string base64)
    {
        var bytes = new byte[base64.Length];
        if (Convert.TryFromBase64String(base64, bytes, out var length))
            return bytes[..length];
        data.At(key).Refuse("this is not base64", "Encode it, or put the plain text under stringData");
        return [];
    }
}
