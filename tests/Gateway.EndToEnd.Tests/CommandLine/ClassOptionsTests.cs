using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.CommandLine;

/// <summary><c>--ingress-class</c> and <c>--controller-class</c>: which Ingresses are served.</summary>
public sealed class ClassOptionsTests(ClassOptionsTests.Fixture fixture) : IClassFixture<ClassOptionsTests.Fixture>
{
    [Theory]
    [InlineData("by-class", HttpStatusCode.OK)]
    [InlineData("by-annotation", HttpStatusCode.OK)]
    [InlineData("by-other-class", HttpStatusCode.NotFound)]
    [InlineData("by-other-annotation", HttpStatusCode.NotFound)]
    [InlineData("by-no-class", HttpStatusCode.NotFound)]
    public async Task Only_the_classes_of_the_options_are_served(string name, HttpStatusCode status) =>
        Assert.Equal(status, (await fixture.GetAsync($"http://{name}.test/")).Status);

    public sealed class Fixture : GatewayFixture
    {
        protected override string[] Options => ["--ingress-class", "edge", "--controller-class", "example.test/edge"];

        protected override Task WriteAsync()
        {
            Folder.Write("classes.yaml", Class("ours", "example.test/edge") + Class("nginx", "k8s.io/ingress-nginx"));
            Ingress("by-class", spec: "ingressClassName: ours");
            Ingress("by-annotation", "{ kubernetes.io/ingress.class: edge }");
            Ingress("by-other-class", spec: "ingressClassName: nginx");
            Ingress("by-other-annotation", "{ kubernetes.io/ingress.class: nginx }");
            Ingress("by-no-class");
            return Task.CompletedTask;
        }

        private void Ingress(string name, string annotations = "", string spec = "") =>
            Folder.Write($"{name}.yaml", Yaml.Ingress(name, $"{name}.test", "web", annotations: annotations, spec: spec));

        private static string Class(string name, string controller) => $$"""
            apiVersion: networking.k8s.io/v1
            kind: IngressClass
            metadata: { name: {{name}} }
            spec: { controller: {{controller}} }
            ---

            """;
    }
}
