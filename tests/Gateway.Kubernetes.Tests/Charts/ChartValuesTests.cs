using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Gateway.Kubernetes.Tests.Charts;

/// <summary>Which values the chart takes, and what its README says of them.</summary>
public sealed partial class ChartValuesTests
{
    [Fact]
    public void An_unknown_value_is_refused_by_name() =>
        Assert.Contains("unheardOf", Chart.RefusalOf("--set", "controller.unheardOf=true"), StringComparison.Ordinal);

    [Theory]
    [InlineData("controller.keda.enabled=true", "ScaledObject")]
    [InlineData("controller.addHeaders.X-Frame-Options=DENY", "controller.addHeaders")]
    [InlineData("tcp.9000=default/db:5432", "only HTTP is served")]
    [InlineData("defaultBackend.enabled=true", "default-backend-service")]
    [InlineData("controller.kind=Both", "DaemonSet")]
    [InlineData("controller.readinessProbe.httpGet.path=/healthz", "/readyz")]
    [InlineData("controller.kind=DaemonSet,controller.autoscaling.enabled=true", "autoscaling")]
    [InlineData("controller.admissionWebhooks.enabled=true,controller.admissionWebhooks.port=8443", "used twice")]
    [InlineData("controller.admissionWebhooks.enabled=true,controller.networkPolicy.enabled=true", "webhookFrom")]
    [InlineData("controller.scope.enabled=true,controller.scope.namespaceSelector=a=b", "controller.scope")]
    [InlineData("controller.ingressClassResource.name=nginx,controller.ingressClassResource.nginx.enabled=true", "nginx.enabled")]
    [InlineData("controller.hostNetwork=true,controller.hostPort.enabled=true", "hostPort.enabled=false")]
    [InlineData("controller.hostNetwork=true,controller.containerPort.http=80", "controller.hostPort.enabled=true")]
    [InlineData("controller.terminationGracePeriodSeconds=5", "5 s are too few to serve on for 10 s")]
    [InlineData("controller.extraArgs.pre-stop-delay=5m", "300 s are too few to serve on for 300 s (pre-stop-delay) and then drain for 1 s")]
    [InlineData("controller.extraArgs.shutdown-timeout=0.1h", "drain for 360 s")]
    [InlineData("controller.extraArgs.pre-stop-delay=soon", "controller.extraArgs.pre-stop-delay: \"soon\" is no duration")]
    [InlineData("controller.extraArgs.shutdown-timeout=", "controller.extraArgs.shutdown-timeout: \"\" is no duration")]
    [InlineData("controller.extraArgs.http-port=80", "controller.containerPort.http")]
    [InlineData("controller.extraArgs.https-port=443", "controller.containerPort.https")]
    [InlineData("controller.extraArgs.admin-port=9000", "controller.metrics.port")]
    [InlineData("controller.extraArgs.secret-namespaces=shop", "rbac.secretNamespaces")]
    [InlineData("controller.extraArgs.validating-webhook-port=9443", "controller.admissionWebhooks.enabled")]
    [InlineData("controller.extraArgs.validating-webhook-secret=mine", "controller.admissionWebhooks.enabled")]
    [InlineData("controller.extraArgs.validating-webhook-configuration=mine", "controller.admissionWebhooks.enabled")]
    [InlineData("controller.replicaCount=2,controller.minAvailable=", "podDisruptionBudget.enabled=false")]
    [InlineData("controller.autoscaling.enabled=true,controller.autoscaling.minReplicas=12", "12 are more than maxReplicas, 11")]
    [InlineData("controller.config.x: y=1", "x: y")]
    [InlineData("controller.kind=null", "'kind'")]
    [InlineData("controller.image.runAsUser=null", "'runAsUser'")]
    [InlineData("controller.admissionWebhooks.failurePolicy=null", "'failurePolicy'")]
    public void What_cannot_be_honoured_is_refused_with_a_reason(string values, string reason) =>
        Assert.Contains(reason, Chart.RefusalOf("--set", values), StringComparison.Ordinal);

    [Fact]
    public void A_section_that_is_taken_away_is_asked_for_by_name_if_it_is_needed()
    {
        foreach (var path in Sections("", Load("values.yaml")))
        {
            var problem = Chart.ProblemOf("--set", $"{path}=null");
            Assert.True(problem is null || (problem.Contains("schema", StringComparison.Ordinal) && problem.Contains($"'{path.Split('.')[^1]}'", StringComparison.Ordinal)), problem);
        }
    }

    [Fact]
    public void Values_of_ingress_nginx_that_change_nothing_are_listed_after_the_installation()
    {
        var noted = Foreign("noted");
        string[] settings = [.. noted.Select(entry => $"{entry.Key}.enabled=true")];

        var notes = Chart.Notes("--set", string.Join(',', settings));

        Assert.All(noted, entry => Assert.Contains($"{entry.Key}: {entry.Value}", notes, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_flag_that_the_gateway_does_not_take_from_extraArgs_is_answered_with_its_own_reason()
    {
        // Not Assert.All, which would take it for a failure that helm is not there.
        foreach (var (flag, reason) in Foreign("flags"))
            Assert.Contains($"controller.extraArgs.{flag}: {reason}", Chart.RefusalOf("--set", $"controller.extraArgs.{flag}="), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_refused_value_of_ingress_nginx_is_answered_with_its_own_reason()
    {
        var refused = Foreign("refused");
        string[] settings = [.. refused.Select(entry => $"{entry.Key}.any=true")];

        var refusal = Chart.RefusalOf("--set", string.Join(',', settings));

        Assert.All(refused, entry => Assert.Contains($"{entry.Key}: {entry.Value}", refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_for_ingress_nginx_moves_over_and_says_what_had_no_effect()
    {
        var notes = Chart.Notes(Chart.Sample("ingress-nginx-values.yaml"));

        Assert.Contains("ingressClassName: nginx", notes, StringComparison.Ordinal);
        Assert.Contains("controller.lifecycle:", notes, StringComparison.Ordinal);
        Assert.Contains("controller.takeOver", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void The_README_lists_every_value_with_its_default()
    {
        var documented = RowPattern().Matches(File.ReadAllText(Path.Combine(Chart.Folder, "README.md")))
            .Select(row => (row.Groups["path"].Value, row.Groups["default"].Value));

        Assert.Equal(Leaves("", Load("values.yaml")), documented);
    }

    [Fact]
    public void Every_value_is_set_in_a_sample()
    {
        var set = Chart.Samples.SelectMany(sample => Leaves("", Load($"ci/{sample}"))).Select(leaf => leaf.Path).ToHashSet();

        Assert.DoesNotContain(Leaves("", Load("values.yaml")).Select(leaf => leaf.Path), path =>
            !set.Contains(path) && !set.Any(other => other.StartsWith($"{path}.", StringComparison.Ordinal)));
    }

    /// <summary>Paths and defaults, in the order of the file. A list, and an empty map, is one value.</summary>
    private static IEnumerable<(string Path, string Default)> Leaves(string path, YamlNode node) => node switch
    {
        YamlMappingNode { Children.Count: > 0 } map => map.SelectMany(entry =>
            Leaves(path.Length == 0 ? Text(entry.Key) : $"{path}.{Text(entry.Key).Replace(".", "\\.", StringComparison.Ordinal)}", entry.Value)),
        YamlMappingNode => [(path, "{}")],
        YamlSequenceNode { Children.Count: > 0 } => [(path, "[…]")],
        YamlSequenceNode => [(path, "[]")],
        YamlScalarNode { Value.Length: 0 } => [(path, "\"\"")],
        _ => [(path, Text(node))],
    };

    /// <summary>Paths of maps and lists, empty ones too.</summary>
    private static IEnumerable<string> Sections(string path, YamlNode node) => node switch
    {
        YamlMappingNode map => map.Where(entry => entry.Value is not YamlScalarNode).SelectMany(entry =>
        {
            var inner = path.Length == 0 ? Text(entry.Key) : $"{path}.{Text(entry.Key)}";
            return Sections(inner, entry.Value).Prepend(inner);
        }),
        _ => [],
    };

    /// <summary>Values of ingress-nginx that mean nothing here, with what is said of them.</summary>
    private static Dictionary<string, string> Foreign(string kind) =>
        ((YamlMappingNode)Load("ingress-nginx.yaml")[kind]).ToDictionary(entry => Text(entry.Key), entry => Text(entry.Value));

    private static YamlNode Load(string file)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(Path.Combine(Chart.Folder, file))));
        return yaml.Documents[0].RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    [GeneratedRegex(@"^\| `(?<path>[^`]+)` \| `(?<default>[^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex RowPattern();
}
