using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Manifests;

/// <summary>
/// Reads manifests as <c>kubectl apply -f</c> would: YAML or JSON, several documents, lists unfolded, and each object
/// judged by the API server's rules. It differs where a folder must: loopback endpoints are allowed.
/// </summary>
public static class ManifestReader
{
    private const int LongestObject = 1536 * 1024;
    private const string DefaultNamespace = "default";

    /// <summary>Reads the text of one file. Never throws for what the text says.</summary>
    /// <param name="file">The file's name for diagnostics; <c>.json</c> at its end makes it JSON.</param>
    /// <param name="text">The whole text; byte order marks and any line ends are fine.</param>
    public static ManifestFile Read(string file, string text)
    {
        List<Node> documents;
        try
        {
            // Every document may begin with one (YAML 1.2, 5.2), as in a file that was put together from others.
            documents = Parse(file, text.TrimStart('\uFEFF').Replace("\n\uFEFF", "\n", StringComparison.Ordinal));
        }
        catch (ManifestSyntaxException e)
        {
            return new ManifestFile
            {
                SyntaxError = new Diagnostic(DiagnosticSeverity.Error, null, "", null, e.Message, e.Remedy)
                {
                    Origin = new Origin(file, e.Line, e.Column),
                },
            };
        }
        var reading = new Reading(file);
        foreach (var document in documents)
            reading.Add(document, default);
        return new ManifestFile { Objects = reading.Objects, Skipped = reading.Skipped };
    }

    private static List<Node> Parse(string file, string text)
    {
        if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return JsonTree.Read(text);
        if (!text.AsSpan().TrimStart().StartsWith('{'))
            return YamlTree.Read(text);
        // JSON under a YAML name: nearly a subset of YAML, but for tabs and values in a row.
        try
        {
            return JsonTree.Read(text);
        }
        catch (ManifestSyntaxException)
        {
            return YamlTree.Read(text);
        }
    }

    private sealed class Reading(string file)
    {
        public List<ManifestObject> Objects { get; } = [];

        public List<SkippedObject> Skipped { get; } = [];

        /// <param name="node">A document or an item of a list.</param>
        /// <param name="inherited">The type that the list gives to items which do not tell theirs.</param>
        public void Add(Node node, ObjectType inherited)
        {
            var origin = new Origin(file, node.Line, node.Column);
            if (node is not MappingNode mapping)
            {
                AddUnreadable(origin, "a Kubernetes object must be a map of fields", "Write apiVersion, kind, metadata and spec");
                return;
            }
            var type = ObjectType.Of(mapping, inherited);
            if (type.Kind.Length == 0)
            {
                if (IsKustomization)
                    Skipped.Add(new SkippedObject("", "Kustomization", origin));
                else
                    AddUnreadable(origin, "this has no kind, so it is no Kubernetes object", "Write apiVersion and kind, or move it out of the folder");
                return;
            }
            var items = mapping.Entries.GetValueOrDefault("items");
            if (type.ItemType is { } itemType && items is SequenceNode list)
            {
                foreach (var item in list.Items)
                    Add(item, itemType);
                return;
            }
            if (type.ItemType is { Kind: "" } or { Known: not null } && items is not (null or ScalarNode { Kind: ScalarKind.Null }))
            {
                AddUnreadable(origin with { Line = items.Line, Column = items.Column }, "the items of a list must be a list", "Begin each item with a dash");
                return;
            }

            var key = type.Known is { } kind ? KeyOf(mapping, kind) : null;
            var problems = new ObjectProblems(key, origin);
            var root = new Field(mapping, problems);
            if (type.ReportMistake(root))
                Objects.Add(new ManifestObject(key, null, origin, problems.ToList()));
            else if (type.Known is { } known)
            {
                var resource = ReadObject(known, key?.Name ?? default, root, mapping.Length);
                Objects.Add(new ManifestObject(key, problems.Refused ? null : resource, origin, problems.ToList()));
            }
            else
                Skipped.Add(new SkippedObject(type.ApiVersion, type.Kind, origin));
        }

        private static Resource? ReadObject(ResourceKind kind, ObjectName name, Field root, long length)
        {
            if (length > LongestObject)
            {
                root.Refuse($"the object takes more than {LongestObject} bytes", "Split it");
                return null;
            }
            root.RefuseDuplicates();
            var metadata = ObjectMetadata.Read(root["metadata"], kind);
            return kind switch
            {
                ResourceKind.Ingress => IngressReader.Read(name, root, metadata),
                ResourceKind.IngressClass => IngressClassReader.Read(name, root, metadata),
                ResourceKind.Service => ServiceReader.Read(name, root),
                ResourceKind.EndpointSlice => EndpointSliceReader.Read(name, root, metadata),
                ResourceKind.Secret => SecretReader.Read(name, root),
                _ => ConfigMapReader.Read(name, root),
            };
        }

        private static ResourceKey? KeyOf(MappingNode node, ResourceKind kind)
        {
            if (node.Entries.GetValueOrDefault("metadata") is not MappingNode metadata || metadata.TextOf("name") is not { Length: > 0 } name)
                return null;
            var space = kind == ResourceKind.IngressClass ? "" : metadata.TextOf("namespace") is { Length: > 0 } given ? given : DefaultNamespace;
            return new ResourceKey(kind, new ObjectName(space, name));
        }

        private void AddUnreadable(Origin origin, string problem, string remedy) =>
            Objects.Add(new ManifestObject(null, null, origin, [new Diagnostic(DiagnosticSeverity.Error, null, "", null, problem, remedy) { Origin = origin }]));

        // The one file among manifests that may do without a kind.
        private bool IsKustomization => Path.GetFileName(file) is "kustomization.yaml" or "kustomization.yml";
    }
}
