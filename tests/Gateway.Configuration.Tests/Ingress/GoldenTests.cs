using System.Text.RegularExpressions;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;
using Gateway.Configuration.Tests.Certificates;

namespace Gateway.Configuration.Tests.Ingress;

/// <summary>
/// Each <c>testdata/*.in.yaml</c> must translate into the <c>.out.yaml</c> beside it; with UPDATE_GOLDEN=1 in the
/// environment the latter is written instead. A comment in the first line, <c># gateway run …</c>, gives options;
/// without <c>--manifests</c> there the objects come from a cluster. <c>(crt NAMES)</c> and <c>(key NAMES)</c>
/// stand for a certificate for these DNS names and its key.
/// </summary>
public sealed partial class GoldenTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<TheoryDataRow<string>> Features =>
        Directory.GetFiles(Folder(), "*.in.yaml").Select(path => new TheoryDataRow<string>(Path.GetFileName(path)[..^".in.yaml".Length]));

    [Theory]
    [MemberData(nameof(Features))]
    public void Manifests_translate_into_what_is_written_beside_them(string feature)
    {
        var input = File.ReadAllText(Path.Combine(Folder(), feature + ".in.yaml"));
        var actual = Translate(feature + ".in.yaml", input);
        var golden = Path.Combine(Folder(), feature + ".out.yaml");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(golden, actual);
        Assert.Equal(File.ReadAllText(golden), actual);
    }

    private static string Translate(string file, string text)
    {
        var read = ManifestReader.Read(file, PlaceholderPattern().Replace(text, Substitute));
        Assert.Null(read.SyntaxError);
        var log = new DiagnosticLog();
        log.Replace("file", [.. read.Objects.SelectMany(each => each.Diagnostics)]);
        var translator = new ConfigurationTranslator(Options(text), log);
        var changes = read.Objects.Where(each => each.Resource is not null).Select(each => ResourceChange.Upsert(each.Resource!, each.Origin));
        var delta = translator.Apply([.. changes], Now);
        return GoldenDump.Write(delta, log.Current);
    }

    private static string Substitute(Match match)
    {
        var (certificate, key) = TestCertificates.Pem(match.Groups["names"].Value);
        var pem = match.Groups["what"].Value == "crt" ? certificate : key;
        return $"\"{pem.Replace("\n", "\\n", StringComparison.Ordinal)}\"";
    }

    private static TranslationOptions Options(string text)
    {
        if (OptionsPattern().Match(text) is not { Success: true } match)
            return new TranslationOptions { ManifestMode = true };
        var flags = match.Groups["flags"].Value.Split("--", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(flag => flag.Split(' ')).ToDictionary(words => words[0], words => words[1]);
        return new TranslationOptions
        {
            ManifestMode = flags.ContainsKey("manifests"),
            IngressClass = flags.GetValueOrDefault("ingress-class", "nginx"),
            ControllerClasses = flags.TryGetValue("controller-class", out var controller) ? [controller] : TranslationOptions.DefaultControllerClasses,
            DefaultBackendService = Name("default-backend-service"),
            DefaultSslCertificate = Name("default-ssl-certificate"),
            ConfigMap = Name("configmap"),
        };

        ObjectName? Name(string flag) => ObjectName.TryParse(flags.GetValueOrDefault(flag), out var name) ? name : null;
    }

    /// <summary>The folder in the source tree, so that new goldens are written where they are committed.</summary>
    private static string Folder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Gateway.sln")))
            root = root.Parent!;
        return Path.Combine(root.FullName, "tests", "Gateway.Configuration.Tests", "Ingress", "testdata");
    }

    [GeneratedRegex(@"\A# gateway run (?<flags>.*)")]
    private static partial Regex OptionsPattern();

    [GeneratedRegex(@"\((?<what>crt|key) (?<names>[^)]+)\)")]
    private static partial Regex PlaceholderPattern();
}
