using System.Text;
using Gateway.Configuration.Diagnostics;

namespace Gateway.Manifests;

/// <summary>The text of a manifest file, or why there is none.</summary>
/// <param name="Text">Null when the file could not be read as text.</param>
/// <param name="Problem">Then the reason.</param>
internal readonly record struct ManifestText(string? Text, Diagnostic? Problem)
{
    /// <summary>A file of more bytes is no manifest.</summary>
    public const int LongestFile = 16 * 1024 * 1024;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads the file that the stamp tells of.</summary>
    /// <param name="path">Its name for diagnostics.</param>
    /// <param name="stamp">How it looks from outside.</param>
    public static ManifestText Read(string path, FileStamp stamp)
    {
        if (stamp.RealPath is not { } file)
            return Unreadable(path, "the link leads nowhere", "Correct the link, or remove it");
        // Pipes and devices look empty, and would block when opened.
        if (stamp.Length == 0)
            return new ManifestText("", null);
        if (stamp.Length > LongestFile)
            return Unreadable(path, $"the file has more than {LongestFile} bytes", "Split it, or move it out of the folder");
        try
        {
            using var handle = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
            var octets = new byte[stamp.Length];
            var read = 0;
            while (read < octets.Length && RandomAccess.Read(handle, octets.AsSpan(read), read) is > 0 and var more)
                read += more;
            return new ManifestText(Utf8.GetString(octets, 0, read), null);
        }
        catch (DecoderFallbackException)
        {
            return Unreadable(path, "the file is not UTF-8 text", "Save it as UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e is UnauthorizedAccessException ? "permission is denied" : e.Message;
            return Unreadable(path, $"the file cannot be read: {reason}", "Let the gateway read it");
        }
    }

    private static ManifestText Unreadable(string path, string problem, string remedy) =>
        new(null, new Diagnostic(DiagnosticSeverity.Error, null, "", null, problem, remedy) { Origin = new Origin(path) });
}
