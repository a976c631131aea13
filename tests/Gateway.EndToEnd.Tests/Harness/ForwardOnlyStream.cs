namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>A stream without a length, so that a request with it is sent in chunks.</summary>
internal sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
