namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>Programs that tests use and a machine may lack.</summary>
internal static class Tools
{
    /// <summary>Skips the test when <paramref name="name"/> is not on the path; with <c>REQUIRE_TOOLS=1</c> fails it.</summary>
    /// <returns>The program's full path.</returns>
    public static string Require(string name)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (found is null && Environment.GetEnvironmentVariable("REQUIRE_TOOLS") == "1")
            Assert.Fail($"{name} is not installed");
        Assert.SkipWhen(found is null, $"{name} is not installed");
        return found!;
    }
}
