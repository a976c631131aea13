namespace Gateway.Proxy.Telemetry;

/// <summary>Where the access log goes: standard output or a file.</summary>
/// <param name="standard">Takes it while no file is named; null: nobody does.</param>
internal sealed class AccessLogOutput(Stream? standard)
{
    private volatile string? _path;

    /// <summary>The file; null: standard output.</summary>
    public string? Path { get => _path; set => _path = value; }

    /// <summary>Appends whole lines.</summary>
    /// <exception cref="IOException">It takes no more.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Write(ReadOnlySpan<byte> lines)
    {
        if (Path is { } path)
        {
            // Opened for each batch, so that a file that was rotated away is followed by a new one.
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            file.Write(lines);
        }
        else if (standard is not null)
        {
            standard.Write(lines);
            standard.Flush();
        }
    }
}
