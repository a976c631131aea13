namespace Gateway.Proxy.Forwarding.Lean;

/// <summary>The upstream's answer is not HTTP/1.1, or breaks off.</summary>
internal sealed class BrokenAnswerException(string message) : IOException(message);
