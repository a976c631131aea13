using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>Mistakes: each is named once, hurts nothing but itself, and is forgotten once it is mended.</summary>
public sealed class BadInputTests(BadInputTests.Fixture fixture) : IClassFixture<BadInputTests.Fixture>
{
    private static readonly string LongHost = new string('h', 300) + ".test";
    private static readonly string LongLabel = new('l', 1024 * 1024);

    /// <summary>What is edited, into what, and the diagnostic: object (empty: none can be told), field, value, problem, remedy.</summary>
    public static TheoryData<string, string, string, string, string?, string, string> Mistakes => new()
    {
        { "pathType: Prefix", "pathType: [", "", "", null, "this is not YAML", "Mend the syntax at this place or just before it" },
        { "rules:", "rules: 7\n  unused:", "Ingress", "spec.rules", "7", "this is a number, not a list", "Write a list" },
        { "number: 80", "number: \"80\"", "Ingress", "spec.rules[0].http.paths[0].backend.service.port.number", "80", "this is a string, not a number", "Write the number without quotes" },
        { "number: 80", "number: 0", "Ingress", "spec.rules[0].http.paths[0].backend.service.port.number", "0", "a port must be a whole number from 1 to 65535", "Write the number of the port" },
        { "pathType: Prefix", "pathType: Regex", "Ingress", "spec.rules[0].http.paths[0].pathType", "Regex", "the value is not known", "Write one of Exact, Prefix, ImplementationSpecific" },
        { "path: /", "path: shop", "Ingress", "spec.rules[0].http.paths[0].path", "shop", "the path does not start with a slash", "Write \"/shop\"" },
        { "  annotations", $"  labels: {{ big: {LongLabel} }}\n  annotations", "Ingress", "metadata.labels[big]", $"{LongLabel[..120]}… (1048576 characters)", "this is not a label value", "at most 63" },
        { "host: \"", $"host: \"{LongHost}\" #", "Ingress", "spec.rules[0].host", $"{LongHost[..120]}… (305 characters)", "this is not a host name", "at most 253 characters" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_named_and_what_was_good_before_is_served_on(
        string good, string bad, string kind, string field, string? value, string problem, string remedy)
    {
        var (name, file, yaml) = await GoodAsync();
        fixture.Folder.Write(file, yaml.Replace(good, bad, StringComparison.Ordinal));
        var diagnostic = await ReportedDiagnostic.OfAsync(fixture.Gateway, kind.Length == 0 ? file : $"{kind} default/{name}");

        Assert.Equal(("Error", field, value), (diagnostic.Severity, diagnostic.Field, diagnostic.Value));
        Assert.StartsWith(problem, diagnostic.Problem, StringComparison.Ordinal);
        Assert.Contains(remedy, diagnostic.Remedy, StringComparison.Ordinal);
        Assert.Matches($"{file}:[0-9]+:[0-9]+$", diagnostic.Origin);
        await AssertServedAsync(name);
        await AssertServedAsync("good");

        await MendAsync(file, yaml, diagnostic);
        await AssertServedAsync(name);
    }

    [Fact]
    public async Task A_path_that_is_there_twice_is_served_once_and_named()
    {
        var (name, file, yaml) = await GoodAsync();
        fixture.Folder.Write(file, yaml.Replace(
            "paths:", "paths:\n          - { path: /, pathType: Prefix, backend: { service: { name: echo, port: { number: 80 } } } }", StringComparison.Ordinal));
        var diagnostic = await ReportedDiagnostic.OfAsync(fixture.Gateway, $"Ingress default/{name}");
        Assert.Equal(("Warning", "spec.rules[0].http.paths[1].path"), (diagnostic.Severity, diagnostic.Field));
        Assert.Contains($"the Prefix path / of {name}.test is given by spec.rules[0].http.paths[0].path already", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Equal("Remove one of the two", diagnostic.Remedy);
        await fixture.BecomesAsync($"http://{name}.test/", answer => answer.From == "echo");

        await MendAsync(file, yaml, diagnostic);
        await AssertServedAsync(name);
    }

    [Fact]
    public async Task A_Service_that_does_not_exist_is_named_and_its_path_answers_503()
    {
        var (name, file, yaml) = await GoodAsync();
        fixture.Folder.Write(file, yaml + Yaml.Ingress($"{name}-lost", $"{name}.test", "absent", "/lost"));
        var diagnostic = await ReportedDiagnostic.OfAsync(fixture.Gateway, $"Ingress default/{name}-lost");
        Assert.Equal(("Error", "spec.rules[0].http.paths[0].backend.service.name", "absent"), (diagnostic.Severity, diagnostic.Field, diagnostic.Value));
        Assert.StartsWith("Service default/absent does not exist", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Equal("Create the Service, or correct the name", diagnostic.Remedy);
        await fixture.BecomesAsync($"http://{name}.test/lost", answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        await AssertServedAsync(name);

        await MendAsync(file, yaml, diagnostic);
    }

    [Fact]
    public async Task The_same_object_in_two_files_is_served_from_the_first_and_named()
    {
        var (name, file, yaml) = await GoodAsync();
        fixture.Folder.Write($"z-{file}", yaml.Replace("name: web", "name: echo", StringComparison.Ordinal));
        var diagnostic = await ReportedDiagnostic.OfAsync(fixture.Gateway, $"Ingress default/{name}");
        Assert.StartsWith($"the object is defined at {file}", diagnostic.Problem, StringComparison.Ordinal);
        Assert.StartsWith($"z-{file}:", diagnostic.Origin, StringComparison.Ordinal);
        await AssertServedAsync(name);

        fixture.Folder.Delete($"z-{file}");
        await AssertCuredAsync(diagnostic);
        await AssertServedAsync(name);
    }

    private async Task<(string Name, string File, string Yaml)> GoodAsync()
    {
        var name = $"case-{Guid.NewGuid():N}";
        var yaml = Yaml.Ingress(name, $"{name}.test", "web");
        fixture.Folder.Write($"{name}.yaml", yaml);
        await fixture.BecomesAsync($"http://{name}.test/", answer => answer.Status == HttpStatusCode.OK);
        return (name, $"{name}.yaml", yaml);
    }

    private async Task AssertServedAsync(string name) => Assert.Equal("web", (await fixture.GetAsync($"http://{name}.test/")).From);

    private async Task MendAsync(string file, string yaml, ReportedDiagnostic diagnostic)
    {
        fixture.Folder.Write(file, yaml);
        await AssertCuredAsync(diagnostic);
    }

    /// <summary>Of the whole story the log has two lines: that the problem is there, and that it is gone.</summary>
    private async Task AssertCuredAsync(ReportedDiagnostic diagnostic)
    {
        var lines = await Eventually.IsAsync(
            () => Task.FromResult(fixture.Gateway.Log.Split('\n').Where(line => line.Contains(diagnostic.Origin!, StringComparison.Ordinal)).ToList()),
            lines => lines.Any(line => line.Contains("Cured: ", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count);
        Assert.EndsWith($": {diagnostic.Problem}. {diagnostic.Remedy}.", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(await ReportedDiagnostic.ReadAsync(fixture.Gateway), one => one.Origin == diagnostic.Origin);
    }

    public sealed class Fixture : GatewayFixture
    {
        protected override async Task WriteAsync()
        {
            await ServeAsync("echo", EchoBackend.StartAsync("echo"));
            Folder.Write("good.yaml", Yaml.Ingress("good", "good.test", "web"));
        }
    }
}
