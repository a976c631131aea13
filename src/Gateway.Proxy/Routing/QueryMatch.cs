using System.Text;
using Gateway.Configuration.Model;

namespace Gateway.Proxy.Routing;

/// <summary>A query parameter that must be there with exactly one value. Compares encoded text without decoding it into memory.</summary>
internal sealed class QueryMatch(ValueMatch match)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(match.Name);
    private readonly byte[] _value = Encoding.UTF8.GetBytes(match.Value);

    /// <summary>Whether the first parameter of that name has the value (WHATWG URL, application/x-www-form-urlencoded parsing).</summary>
    public bool Holds(ReadOnlySpan<char> query)
    {
        foreach (var range in query.Split('&'))
        {
            var parameter = query[range];
            var equals = parameter.IndexOf('=');
            var name = equals < 0 ? parameter : parameter[..equals];
            if (!Decodes(name, _name))
                continue;
            return Decodes(equals < 0 ? [] : parameter[(equals + 1)..], _value);
        }
        return false;
    }

    private static bool Decodes(ReadOnlySpan<char> encoded, ReadOnlySpan<byte> decoded)
    {
        while (!encoded.IsEmpty)
        {
            if (decoded.IsEmpty)
                return false;
            var consumed = 1;
            Span<byte> value = [encoded[0] == '+' ? (byte)' ' : (byte)encoded[0]];
            if (encoded[0] == '%' && encoded.Length > 2
                && Convert.FromHexString(encoded.Slice(1, 2), value, out _, out _) == System.Buffers.OperationStatus.Done)
            {
                consumed = 3;
            }
            if (value[0] != decoded[0])
                return false;
            encoded = encoded[consumed..];
            decoded = decoded[1..];
        }
        return decoded.IsEmpty;
    }
}
