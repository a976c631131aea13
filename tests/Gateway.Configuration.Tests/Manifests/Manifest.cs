using Gateway.Configuration.Manifests;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Tests.Manifests;

internal static class Manifest
{
    public static ManifestFile Read(string text) => ManifestReader.Read("test.yaml", text);

    /// <summary>The only object of a text without a mistake.</summary>
    public static T One<T>(string text)
        where T : Resource
    {
        var file = Read(text);
        Assert.Null(file.SyntaxError);
        var found = Assert.Single(file.Objects);
        Assert.Empty(found.Diagnostics);
        return Assert.IsType<T>(found.Resource);
    }
}
