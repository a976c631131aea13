using System.Threading.Channels;

namespace Gateway.Testing.ApiServer;

/// <summary>The handle of a running watch: cut it, end it, or say something in it.</summary>
internal sealed class OpenWatch(string resource, CancellationToken connection) : IDisposable
{
    private readonly CancellationTokenSource _cut = CancellationTokenSource.CreateLinkedTokenSource(connection);
    private readonly Channel<byte[]> _injected = Channel.CreateUnbounded<byte[]>();

    public string Resource => resource;

    /// <summary>Cancelled when the watch is to be cut off without the end of its body.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>Lines to send besides the changes; completed when the watch is to end normally.</summary>
    public ChannelReader<byte[]> Injected => _injected.Reader;

    public void CutOff()
    {
        try
        {
            _cut.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    public void End() => _injected.Writer.TryComplete();

    public void Inject(byte[] line) => _injected.Writer.TryWrite(line);

    public void Dispose() => _cut.Dispose();
}
