using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy.Validation;

/// <summary>
/// Keeps what <c>Connection</c> said (RFC 9110 7.6.1), and whether there was a <c>Content-Length</c>. Where the server
/// knows exactly one option of a list, it puts that one in the place of the whole: <c>keep-alive, X-Secret</c> comes out
/// as <c>keep-alive</c>, and X-Secret would pass.
/// </summary>
/// <remarks>
/// The server renames a Content-Length that comes with Transfer-Encoding, and breaks where the client has sent a field
/// of the new name too; so the last of these three cannot be decoded, which gets 400.
/// </remarks>
internal sealed class ConnectionOptionsWatch : IFieldWatch
{
    private readonly WatchedEncoding _encoding;
    private readonly WatchedEncoding _conflict = new(static _ => throw new InvalidOperationException("The length of the body is given three times."));
    private bool _hasCoding;
    private bool _hasRenamedLength;

    public ConnectionOptionsWatch() => _encoding = new WatchedEncoding(OnConnection);

    /// <summary>The request's values that may name fields: all but those that are one usual option and nothing else.</summary>
    public StringValues Naming { get; private set; }

    /// <summary>Whether the request has a Content-Length, whatever the server has made of it.</summary>
    public bool HasLength { get; private set; }

    /// <inheritdoc/>
    public Encoding? EncodingOf(string field)
    {
        if (field == FieldWatch.Connection)
            return _encoding;
        HasLength |= field == FieldWatch.ContentLength;
        _hasCoding |= field == FieldWatch.TransferEncoding;
        _hasRenamedLength |= field == FieldWatch.RenamedLength;
        return HasLength && _hasCoding && _hasRenamedLength ? _conflict : null;
    }

    /// <inheritdoc/>
    /// <remarks>A value that the server keeps for the next request would not be decoded again, and not be seen.</remarks>
    public void Forget(IHeaderDictionary headers)
    {
        HasLength = _hasRenamedLength = false;
        if (_hasCoding)
        {
            _hasCoding = false;
            headers.TransferEncoding = default;
        }
        if (Naming.Count == 0)
            return;
        Naming = default;
        headers.Connection = default;
    }

    private void OnConnection(ReadOnlySpan<char> value)
    {
        if (!IsUsual(value))
            Naming = StringValues.Concat(Naming, value.ToString());
    }

    private static bool IsUsual(ReadOnlySpan<char> value) =>
        value.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
        || value.Equals("close", StringComparison.OrdinalIgnoreCase)
        || value.Equals("upgrade", StringComparison.OrdinalIgnoreCase);
}
