using Gateway.Benchmarks.Comparison.Processes;

namespace Gateway.Benchmarks.Comparison.Peers;

/// <summary>A proxy that can be measured.</summary>
internal abstract class Peer
{
    /// <summary>All, the one that others are compared with first.</summary>
    public static IReadOnlyList<Peer> All { get; } = [new Nginx(), new HAProxy(), new Caddy(), new GatewayProgram()];

    public abstract string Name { get; }

    /// <summary>Why it takes no part in a case; null: it does.</summary>
    public virtual string? Unfit(PeerSetup setup) => null;

    /// <summary>Writes its configuration into <paramref name="folder"/>.</summary>
    /// <exception cref="MissingToolException">It is not on this machine.</exception>
    public abstract PeerCommand Prepare(PeerSetup setup, int port, string folder);

    /// <summary>Writes a file and returns its path.</summary>
    protected static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}

/// <summary>How a peer is started.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Configuration">What a reader has to know of its configuration; lists of hosts are left out.</param>
internal sealed record PeerCommand(string Program, IReadOnlyList<string> Arguments, string Configuration);
