using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Proxy.Validation;

/// <summary>
/// Refuses HTTP/2 requests whose <c>:authority</c> and <c>host</c> differ (RFC 9113 8.3.1). By the time that a request
/// is handed on, the server has put the one in the place of the other; but it asks for an encoding for each field as
/// it decodes it. So both are seen here, one connection's fields strictly after one another, and a pair that differs
/// fails like a value that cannot be decoded: the connection is closed with PROTOCOL_ERROR.
/// </summary>
/// <remarks>
/// A request without <c>:authority</c> is compared with the last one of its connection, since nothing tells where one
/// request's fields begin. No client is known to send both kinds with different names over one connection.
/// </remarks>
internal sealed class AuthorityWatch
{
    private const string AuthorityField = ":authority";
    private const string HostField = "Host";

    /// <summary>No valid authority, so that the next one never equals it.</summary>
    private const string NoAuthority = "?";

    private static readonly AsyncLocal<AuthorityWatch?> OfConnection = new();

    private readonly bool _isTls;
    private readonly WatchedEncoding _authorityEncoding;
    private readonly WatchedEncoding _hostEncoding;
    private char[] _authority = new char[64];
    private int _length;

    private AuthorityWatch(bool isTls)
    {
        _isTls = isTls;
        _authorityEncoding = new WatchedEncoding(OnAuthority);
        _hostEncoding = new WatchedEncoding(OnHost);
    }

    private delegate void FieldDecoded(ReadOnlySpan<char> value);

    /// <summary>For the server's request headers: Latin-1, so that bytes pass unchanged, watched where there is something to watch.</summary>
    public static Encoding SelectEncoding(string field) => field switch
    {
        HostField => OfConnection.Value?._hostEncoding ?? Encoding.Latin1,
        AuthorityField => OfConnection.Value?._authorityEncoding ?? Encoding.Latin1,
        _ => Encoding.Latin1,
    };

    /// <summary>A step of every connection, right before the server takes it over.</summary>
    public static ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        var tls = connection.Features.Get<ITlsApplicationProtocolFeature>();
        if (tls is null || tls.ApplicationProtocol.Span.SequenceEqual("h2"u8))
            OfConnection.Value = new AuthorityWatch(isTls: tls is not null);
        await next(connection);
    };

    /// <summary>
    /// To be called when an HTTP/2 request is over. The server keeps the strings of a finished request and asks for no
    /// encoding when the next has the same: these two must not be kept, or a pair that differs could go unseen.
    /// </summary>
    public static void Forget(IHeaderDictionary headers)
    {
        headers.Host = default;
        headers[AuthorityField] = NoAuthority;
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

    /// <summary>Latin-1 that shows what it decodes. Only the members that the server calls are more than they must be.</summary>
    private sealed class WatchedEncoding(FieldDecoded decoded) : Encoding
    {
        public override unsafe int GetCharCount(byte* bytes, int count) => count;

        public override unsafe int GetChars(byte* bytes, int byteCount, char* chars, int charCount)
        {
            var written = Latin1.GetChars(bytes, byteCount, chars, charCount);
            decoded(new ReadOnlySpan<char>(chars, written));
            return written;
        }

        public override int GetCharCount(byte[] bytes, int index, int count) => count;

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
            Latin1.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

        public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
            Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

        public override int GetMaxByteCount(int charCount) => Latin1.GetMaxByteCount(charCount);

        public override int GetMaxCharCount(int byteCount) => Latin1.GetMaxCharCount(byteCount);
    }
}
