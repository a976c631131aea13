using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Gateway.Proxy;

/// <summary>
/// The fields of a request as they came, taken from the server once: it lends its enumerator once a request, and allocates another one after. Belongs to an
/// <see cref="Exchange"/> and is reused with it.
/// </summary>
internal sealed class RequestFields
{
    private KeyValuePair<string, StringValues>[] _fields = new KeyValuePair<string, StringValues>[16];
    private int _count;

    public ReadOnlySpan<KeyValuePair<string, StringValues>> All => _fields.AsSpan(0, _count);

    public void Take(IHeaderDictionary headers)
    {
        foreach (var field in headers)
        {
            if (_count == _fields.Length)
                Array.Resize(ref _fields, _count * 2);
            _fields[_count++] = field;
        }
    }

    public void Clear()
    {
        _fields.AsSpan(0, _count).Clear();
        _count = 0;
    }
}
