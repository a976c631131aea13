using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace Gateway.Kubernetes.Informers;

/// <summary>What a watch reports.</summary>
internal enum WatchEventType
{
    Added,
    Modified,
    Deleted,

    /// <summary>Nothing happened up to the resourceVersion that the object carries.</summary>
    Bookmark,

    /// <summary>The object is a <c>Status</c>; the watch ends.</summary>
    Error,
}

/// <summary>One line of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object's JSON; valid until the next line is read.</param>
internal readonly record struct WatchEvent(WatchEventType Type, ReadOnlySequence<byte> Object)
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="JsonException">It is no event of a known type.</exception>
    public static WatchEvent Parse(ReadOnlySequence<byte> line)
    {
        var json = new Utf8JsonReader(line);
        WatchEventType? type = null;
        ReadOnlySequence<byte>? item = null;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A line of the watch is no object.");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isObject) = (json.ValueTextEquals("type"), json.ValueTextEquals("object"));
            json.Read();
            if (isType)
                type = TypeOf(ref json);
            var start = json.TokenStartIndex;
            json.Skip();
            if (isObject)
                item = line.Slice(start, json.BytesConsumed - start);
        }
        return type is null || item is null
            ? throw new JsonException("A line of the watch has no type or no object.")
            : new WatchEvent(type.Value, item.Value);
    }

    private static WatchEventType TypeOf(ref Utf8JsonReader json) =>
        json.ValueTextEquals("MODIFIED") ? WatchEventType.Modified
        : json.ValueTextEquals("ADDED") ? WatchEventType.Added
        : json.ValueTextEquals("DELETED") ? WatchEventType.Deleted
        : json.ValueTextEquals("BOOKMARK") ? WatchEventType.Bookmark
        : json.ValueTextEquals("ERROR") ? WatchEventType.Error
        : throw new JsonException($"There is no event of type \"{Configuration.Diagnostics.Diagnostic.Printable(json.GetString() ?? "")}\".");
}

/// <summary>Splits the body of a watch into lines; chunks end anywhere.</summary>
internal sealed class WatchStream : IAsyncDisposable
{
    private const int LongestLine = 16 * 1024 * 1024;

    private readonly PipeReader _pipe;
    private readonly TimeSpan _idleLimit;
    private readonly CancellationTokenSource _idle;
    private readonly CancellationTokenSource _linked;
    private ReadOnlySequence<byte> _buffer;
    private bool _isEnd;

    public WatchStream(Stream body, TimeSpan idleLimit, TimeProvider time, CancellationToken cancellation)
    {
        _pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        _idleLimit = idleLimit;
        _idle = new CancellationTokenSource(idleLimit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_idle.Token, cancellation);
    }

    /// <summary>The next line, without its end; null: the server ended the watch, as it does when <c>timeoutSeconds</c> are over.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="SilentWatchException">No byte came for the idle limit.</exception>
    public async ValueTask<ReadOnlySequence<byte>?> ReadLineAsync()
    {
        while (true)
        {
            if (_buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = _buffer.Slice(0, end);
                _buffer = _buffer.Slice(_buffer.GetPosition(1, end));
                return line;
            }
            // What follows the last line end was cut off: whoever watches on from the last version gets it whole.
            if (_isEnd)
                return null;
            if (_buffer.Length > LongestLine)
                throw new JsonException("A line of the watch is too long.");
            _pipe.AdvanceTo(_buffer.Start, _buffer.End);
            await ReadMoreAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pipe.CompleteAsync();
        _linked.Dispose();
        _idle.Dispose();
    }

    private async ValueTask ReadMoreAsync()
    {
        _idle.CancelAfter(_idleLimit);
        try
        {
            var read = await _pipe.ReadAsync(_linked.Token);
            (_buffer, _isEnd) = (read.Buffer, read.IsCompleted);
        }
        catch (OperationCanceledException) when (_idle.IsCancellationRequested)
        {
            throw new SilentWatchException(_idleLimit);
        }
    }
}

/// <summary>A watch is open but says nothing, though bookmarks are due every minute.</summary>
internal sealed class SilentWatchException(TimeSpan limit) : Exception($"The watch was silent for {limit.TotalSeconds:0} s");
