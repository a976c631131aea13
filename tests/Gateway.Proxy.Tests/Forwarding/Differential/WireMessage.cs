using System.Globalization;
using System.Text;

namespace Gateway.Proxy.Tests.Forwarding.Differential;

/// <summary>A request or an answer as it was on the wire, its framing undone; text is Latin-1, a character a byte.</summary>
/// <param name="StartLine">The first line.</param>
/// <param name="Fields">The fields in their order.</param>
internal sealed record WireMessage(string StartLine, IReadOnlyList<(string Name, string Value)> Fields)
{
    public string Body { get; init; } = "";

    /// <summary>The fields after a chunked body.</summary>
    public IReadOnlyList<(string Name, string Value)> Trailers { get; init; } = [];

    /// <summary>Whether it came to its end, and the connection not before.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Of an answer.</summary>
    public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>The values of all fields of a name.</summary>
    public string[] All(string name) =>
        [.. Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];
}

/// <summary>Reads messages from a connection, one after the other, believing whatever they say of themselves.</summary>
internal sealed class WireReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Reads a request; null when the connection ends before it begins, or within it.</summary>
    public async Task<WireMessage?> ReadRequestAsync()
    {
        try
        {
            return await ReadHeadAsync() is { } head ? await ReadBodyAsync(head, toEnd: false) : null;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>Reads a final answer; null when the connection ends before its head does.</summary>
    /// <param name="bodiless">Whether it is the answer to HEAD.</param>
    public async Task<WireMessage?> ReadAnswerAsync(bool bodiless)
    {
        WireMessage? head;
        try
        {
            do
                head = await ReadHeadAsync();
            while (head is { Status: >= 100 and < 200 and not 101 });
        }
        catch (EndOfStreamException)
        {
            return null;
        }
        if (head is null)
            return null;
        try
        {
            return bodiless || head.Status is 101 or 204 or 304 ? head : await ReadBodyAsync(head, toEnd: true);
        }
        catch (EndOfStreamException)
        {
            return head with { IsComplete = false };
        }
    }

    private async Task<WireMessage?> ReadHeadAsync()
    {
        if (_start == _end && !await FillAsync())
            return null;
        var startLine = await ReadLineAsync();
        return new WireMessage(startLine, await ReadFieldsAsync());
    }

    private async Task<List<(string, string)>> ReadFieldsAsync()
    {
        List<(string, string)> fields = [];
        while (await ReadLineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            fields.Add((line[..colon], line[(colon + 1)..].Trim(' ')));
        }
        return fields;
    }

    private async Task<WireMessage> ReadBodyAsync(WireMessage head, bool toEnd)
    {
        if (head.All("Transfer-Encoding").Length > 0)
        {
            var body = new StringBuilder();
            while (true)
            {
                var size = int.Parse((await ReadLineAsync()).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                if (size == 0)
                    return head with { Body = body.ToString(), Trailers = await ReadFieldsAsync() };
                body.Append(await ReadExactlyAsync(size));
                await ReadLineAsync();
            }
        }
        if (head.All("Content-Length") is [var length, ..])
            return head with { Body = await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture)) };
        return toEnd ? head with { Body = await ReadToEndAsync() } : head;
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            line.Append(Take((end < 0 ? _end : end + 1) - _start));
            if (end >= 0)
                return line.ToString().TrimEnd('\n').TrimEnd('\r');
            if (!await FillAsync())
                throw new EndOfStreamException();
        }
    }

    private async Task<string> ReadExactlyAsync(int count)
    {
        var text = new StringBuilder(count);
        while (text.Length < count)
        {
            if (_start == _end && !await FillAsync())
                throw new EndOfStreamException();
            text.Append(Take(Math.Min(count - text.Length, _end - _start)));
        }
        return text.ToString();
    }

    private async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        do
            text.Append(Take(_end - _start));
        while (await FillAsync());
        return text.ToString();
    }

    private string Take(int count)
    {
        var text = Encoding.Latin1.GetString(_buffer, _start, count);
        _start += count;
        return text;
    }

    private async Task<bool> FillAsync()
    {
        (_start, _end) = (0, 0);
        try
        {
            _end = await stream.ReadAsync(_buffer, new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        }
        catch (IOException)
        {
            // Reset.
        }
        return _end > 0;
    }
}
