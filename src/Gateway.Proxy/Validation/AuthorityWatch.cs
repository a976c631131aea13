using System.Text;
using Microsoft.AspNetCore.Http;

namespace Gateway.Proxy.Validation;

/// <summary>
/// Refuses HTTP/2 requests whose <c>:authority</c> and <c>host</c> differ (RFC 9113 8.3.1). By the time that a request
/// is handed on, the server has put the one in the place of the other. Here both are seen as they are decoded, and a
/// pair that differs fails like a value that cannot be decoded: the connection is closed with PROTOCOL_ERROR.
/// </summary>
/// <remarks>
/// A request without <c>:authority</c> is compared with the last one of its connection, since nothing tells where one
/// request's fields begin. No client is known to send both kinds with different names over one connection.
/// </remarks>
internal sealed class AuthorityWatch : IFieldWatch
{
    /// <summary>No valid authority, so that the next one never equals it.</summary>
    private const string NoAuthority = "?";

    private readonly bool _isTls;
    private readonly WatchedEncoding _authorityEncoding;
    private readonly WatchedEncoding _hostEncoding;
    private char[] _authority = new char[64];
    private int _length;

    public AuthorityWatch(bool isTls)
    {
        _isTls = isTls;
        _authorityEncoding = new WatchedEncoding(OnAuthority);
        _hostEncoding = new WatchedEncoding(OnHost);
    }

    /// <inheritdoc/>
    public Encoding? EncodingOf(string field) => field switch
    {
        FieldWatch.Host => _hostEncoding,
        FieldWatch.Authority => _authorityEncoding,
        _ => null,
    };

    /// <inheritdoc/>
    /// <remarks>
    /// The server keeps the strings of a finished request and asks for no encoding when the next has the same: these two
    /// must not be kept, or a pair that differs could go unseen.
    /// </remarks>
    public void Forget(IHeaderDictionary headers)
    {
        headers.Host = default;
        headers[FieldWatch.Authority] = NoAuthority;
    }

    private void OnAuthority(ReadOnlySpan<char> value)
    {
        if (value.Length > _authority.Length)
            _authority = new char[value.Length];
        value.CopyTo(_authority);
        _length = value.Length;
    }

    private void OnHost(ReadOnlySpan<char> value)
    {
        if (_length > 0 && !Authority.AreSame(value, _authority.AsSpan(0, _length), _isTls))
            throw new DecoderFallbackException("The :authority and host fields differ.");
    }
}
