using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.Kubernetes.Objects;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// Reads one page of a LIST from its stream, object by object: at no time is more of it in memory than the object that
/// is being read.
/// </summary>
internal sealed class ListPage(ObjectReader reader, Action<ReadOnlySequence<byte>> onItem)
{
    private static readonly StreamPipeReaderOptions Buffering = new(bufferSize: 64 * 1024);

    private JsonReaderState _state;
    private bool _inItems;
    private Part _next;
    private ListMetadata? _metadata;

    private enum Part
    {
        Other,
        Metadata,
        Items,
    }

    /// <summary>Hands every item to <c>onItem</c> and returns the list's own metadata.</summary>
    /// <exception cref="JsonException">It is no list, or ends in the middle.</exception>
    public async Task<ListMetadata> ReadAsync(Stream body, CancellationToken cancellation)
    {
        var pipe = PipeReader.Create(body, Buffering);
        while (true)
        {
            var read = await pipe.ReadAsync(cancellation);
            var consumed = Advance(read.Buffer, read.IsCompleted);
            pipe.AdvanceTo(consumed, read.Buffer.End);
            if (read.IsCompleted)
                break;
        }
        await pipe.CompleteAsync();
        return _metadata ?? throw new JsonException("The list has no metadata.");
    }

    /// <summary>Goes as far as the buffer allows; returns where to go on with more of it.</summary>
    private SequencePosition Advance(ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var json = new Utf8JsonReader(buffer, isFinal, _state);
        while (true)
        {
            var (state, position) = (json.CurrentState, json.Position);
            if (!json.Read())
            {
                _state = json.CurrentState;
                return json.Position;
            }
            if (json.CurrentDepth == 1 && json.TokenType == JsonTokenType.PropertyName)
                _next = json.ValueTextEquals("items") ? Part.Items : json.ValueTextEquals("metadata") ? Part.Metadata : Part.Other;
            else if (_next == Part.Items && json is { CurrentDepth: 1, TokenType: JsonTokenType.StartArray })
                _inItems = true;
            else if (json is { CurrentDepth: 1, TokenType: JsonTokenType.EndArray })
                _inItems = false;
            else if (_inItems && json.CurrentDepth == 2 || _next == Part.Metadata && json.CurrentDepth == 1)
            {
                var start = json.TokenStartIndex;
                if (!json.TrySkip())
                {
                    _state = state;
                    return position;
                }
                var value = buffer.Slice(start, json.BytesConsumed - start);
                if (_inItems)
                {
                    onItem(value);
                    continue;
                }
                _metadata = reader.ReadListMetadata(value);
                _next = Part.Other;
            }
        }
    }
}
