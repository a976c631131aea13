namespace Gateway.Proxy.Listeners;

/// <summary>
/// Whether a connection's request is being served, as opposed to awaited: its head may be half there. A connection with
/// HTTP/2 counts as serving from its first request on, since answers go out after their exchanges have ended.
/// </summary>
internal sealed class RequestActivity
{
    private volatile bool _isServing;

    public bool IsServing { get => _isServing; set => _isServing = value; }
}
