namespace Gateway.Benchmarks.Comparison.Processes;

/// <summary>Programs on PATH, and where Debian puts those of the system.</summary>
internal static class Tool
{
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/sbin"];

    /// <summary>The path of a program; null when it is not there.</summary>
    public static string? Find(string name) =>
        Folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>The path of a program.</summary>
    /// <exception cref="MissingToolException">It is not there.</exception>
    public static string Require(string name) => Find(name) ?? throw new MissingToolException(name);
}

/// <summary>Something cannot be measured, since a program for it is not on this machine.</summary>
internal sealed class MissingToolException(string tool) : Exception($"{tool} is not on PATH");
