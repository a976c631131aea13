using System.Text;

namespace Gateway.Proxy.Validation;

/// <summary>Takes the value of a field at the moment at which the server decodes it.</summary>
internal delegate void FieldDecoded(ReadOnlySpan<char> value);

/// <summary>Latin-1 that shows what it decodes. Only the members that the server calls are more than they must be.</summary>
internal sealed class WatchedEncoding(FieldDecoded decoded) : Encoding
{
    public override unsafe int GetCharCount(byte* bytes, int count) => count;

    public override unsafe int GetChars(byte* bytes, int byteCount, char* chars, int charCount)
    {
        // Which the server takes for a bad field; not so the exception that is due.
        if (byteCount > charCount)
            throw new InvalidOperationException("The value is longer than the server has room for.");
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
