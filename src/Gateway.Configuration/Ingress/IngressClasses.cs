using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Model;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Ingress;

/// <summary>Decides which Ingresses are ours: the class by name, else the legacy annotation, else the default class.</summary>
internal static class IngressClasses
{
    private const string ClassNameField = "spec.ingressClassName";

    /// <summary>Whether the Ingress is to be served. In a folder of manifests, one that is not, though no other controller is in sight, gets a diagnostic.</summary>
    public static bool IsOurs(
        IngressResource ingress, IReadOnlyDictionary<string, IngressClassResource> classes, TranslationOptions options, DiagnosticCollector diagnostics)
    {
        if (ingress.ClassName is { } name)
            return ByClass(name, classes, options, diagnostics);
        if (ingress.Annotations[Resources.Annotations.IngressClass] is { } annotation)
            return ByAnnotation(annotation, classes, options, diagnostics);
        return WithoutClass(classes, options, diagnostics);
    }

    /// <summary>
    /// Whether the Ingress of a cluster is not to be served, and can only come to be when it changes itself or the
    /// IngressClass that it names does. Nothing need be known of it.
    /// </summary>
    public static bool IsForeign(IngressResource ingress, IReadOnlyDictionary<string, IngressClassResource> classes, TranslationOptions options) =>
        !IsOurs(ingress, classes, options, new DiagnosticCollector(null)) && (ingress.ClassName is not { } name || classes.ContainsKey(name));

    /// <summary>Whether Ingresses that name the class by <c>spec.ingressClassName</c> are to be served.</summary>
    public static bool IsOurs(IngressClassResource known, TranslationOptions options) =>
        options.ControllerClasses.AsSpan().Contains(known.Controller) || (options.ServesClassByName && known.Name.Name == options.IngressClass);

    /// <summary>By which class the Ingress, one of ours, is served.</summary>
    public static ServedIngress Served(IngressResource ingress, IReadOnlyDictionary<string, IngressClassResource> classes)
    {
        var name = ingress.ClassName ?? ingress.Annotations[Resources.Annotations.IngressClass];
        return new ServedIngress(ingress.Name, name, name is null ? null : classes.GetValueOrDefault(name)?.Controller);
    }

    private static bool ByClass(
        string name, IReadOnlyDictionary<string, IngressClassResource> classes, TranslationOptions options, DiagnosticCollector diagnostics)
    {
        if (classes.TryGetValue(name, out var known))
            return IsOurs(known, options);
        if (!options.ManifestMode)
            return options.ServesUnknownClass && name == options.IngressClass;
        if (classes.Count > 0)
        {
            diagnostics.Warning(ClassNameField, name, "the Ingress is not served, since no IngressClass of this name exists",
                $"Add the IngressClass, or write one of: {string.Join(", ", classes.Keys)}");
            return false;
        }
        if (name == options.IngressClass)
            return true;
        diagnostics.Warning(ClassNameField, name, $"the Ingress is not served, since the class served here is \"{options.IngressClass}\"",
            $"Write \"{options.IngressClass}\", or start the gateway with --ingress-class {name}");
        return false;
    }

    private static bool ByAnnotation(
        string name, IReadOnlyDictionary<string, IngressClassResource> classes, TranslationOptions options, DiagnosticCollector diagnostics)
    {
        if (name == options.IngressClass)
            return true;
        var foreign = classes.TryGetValue(name, out var known) && !IsOurs(known, options);
        if (options.ManifestMode && !foreign)
        {
            diagnostics.Warning(Annotations.AnnotationReader.FieldOf(Resources.Annotations.IngressClass), name,
                $"the Ingress is not served, since the class served by this annotation is \"{options.IngressClass}\"",
                $"Write \"{options.IngressClass}\", or use spec.ingressClassName");
        }
        return false;
    }

    private static bool WithoutClass(
        IReadOnlyDictionary<string, IngressClassResource> classes, TranslationOptions options, DiagnosticCollector diagnostics)
    {
        // In a cluster the API server writes the default class into an Ingress when it is created.
        if (options.ServesIngressesWithoutClass || !options.ManifestMode)
            return options.ServesIngressesWithoutClass;
        if (classes.Count == 0 || classes.Values.Any(known => known.IsDefault && IsOurs(known, options)))
            return true;
        if (!classes.Values.Any(known => known.IsDefault))
        {
            diagnostics.Warning(ClassNameField, null, "the Ingress is not served, since it names no class and no IngressClass is the default one",
                $"Write spec.ingressClassName, or give an IngressClass the annotation {Resources.Annotations.IsDefaultClass}: \"true\"");
        }
        return false;
    }
}
