namespace Gateway.Manifests;

/// <summary>The path of a file or folder with every symbolic link in it followed, as <c>realpath(3)</c> gives it.</summary>
internal static class RealPath
{
    private const int MostLinks = 40;

    /// <summary>Null when links lead in a circle or may not be followed. What the path names need not exist.</summary>
    public static string? Of(string path)
    {
        var links = 0;
        try
        {
            return Follow(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), ref links);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Follow(string path, ref int links)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
            return path;
        if (Follow(parent, ref links) is not { } realParent)
            return null;
        var real = Path.Combine(realParent, Path.GetFileName(path));
        if (new FileInfo(real).LinkTarget is not { } target)
            return real;
        return ++links > MostLinks ? null : Follow(Path.GetFullPath(target, realParent), ref links);
    }
}
