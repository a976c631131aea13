using System.Globalization;
using System.Text;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>The parts of <c>metadata</c> that are read for every kind.</summary>
internal sealed record ObjectMetadata(DateTimeOffset? CreatedAt, Annotations Annotations, IReadOnlyDictionary<string, string> Labels)
{
    private const int LongestAnnotations = 256 * 1024;

    public static ObjectMetadata Read(Field metadata, ResourceKind kind)
    {
        if (metadata["generateName"].IsSet && !metadata["name"].IsSet)
            metadata["name"].Missing("Write a name: nothing makes one from generateName here");
        else
            metadata["name"].RequiredText("Write a name");
        metadata["name"].CheckName(kind == ResourceKind.Service ? KubernetesName.Label : KubernetesName.Subdomain);
        if (metadata["namespace"].Text() is not "")
            metadata["namespace"].CheckName(KubernetesName.Label);
        return new ObjectMetadata(ReadTime(metadata["creationTimestamp"]), ReadAnnotations(metadata["annotations"]), ReadLabels(metadata["labels"]));
    }

    private static DateTimeOffset? ReadTime(Field field)
    {
        if (field.Text() is not { } text)
            return null;
        if (text.Length >= 20 && text[10] is 'T' or 't'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        field.Refuse("this is not a time (RFC 3339)", "Remove it, or write it like 2030-01-31T12:00:00Z");
        return null;
    }

    private static Annotations ReadAnnotations(Field field)
    {
        foreach (var (key, value) in field.Entries())
        {
            if (!KubernetesName.AnnotationKey.Allows(key))
                value.Refuse($"the key is not {KubernetesName.AnnotationKey.What}", KubernetesName.AnnotationKey.Remedy);
        }
        var all = field.TextEntries().ToArray();
        if (Size(all) > LongestAnnotations)
            field.Refuse("the annotations take more than 262144 bytes", "Remove what is not needed");
        return Annotations.From(all);
    }

    private static Dictionary<string, string> ReadLabels(Field field)
    {
        foreach (var (key, value) in field.Entries())
        {
            if (!KubernetesName.Qualified.Allows(key))
                value.Refuse($"the key is not {KubernetesName.Qualified.What}", KubernetesName.Qualified.Remedy);
            value.CheckName(KubernetesName.LabelValue);
        }
        var all = field.TextEntries().ToDictionary(StringComparer.Ordinal);
        // Not refused, since no rule says how many there may be; but what a cluster stores ends at about 1.5 MB an object.
        // One that is refused by itself is told of there.
        if (Size(all.Where(label => KubernetesName.LabelValue.Allows(label.Value))) > LongestAnnotations)
            field.Warn("the labels take more than 262144 bytes, and a cluster may not store so large an object", "Remove what is not needed");
        return all;
    }

    private static long Size(IEnumerable<KeyValuePair<string, string>> entries) =>
        entries.Sum(pair => (long)Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value));
}
