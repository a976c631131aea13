using System.Globalization;
using System.Net;
using Gateway.Configuration.Model;
using Gateway.Proxy.Answers;
using Gateway.Proxy.Clients;
using Gateway.Proxy.Forwarding;
using Gateway.Proxy.Forwarding.Lean;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Listeners.Epoll;
using Gateway.Proxy.Routing;
using Gateway.Proxy.Telemetry;
using Gateway.Proxy.Tls;
using Gateway.Proxy.Validation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Endpoint = Gateway.Proxy.Endpoints.Endpoint;

namespace Gateway.Proxy;

/// <summary>
/// One request and its answer, from head to end. The object is reused by the following requests of its connection
/// (or HTTP/2 stream slot), so nothing may hold on to it after the request.
/// </summary>
internal sealed class Exchange
{
    private readonly ProxyApplication _application;
    private readonly DefaultHttpContext _httpContext = new();
    private IHttpRequestBodyDetectionFeature? _bodyDetection;
    private IHttpUpgradeFeature? _upgrade;
    private IHttpConnectionFeature? _connection;
    private RequestActivity? _activity;
    private IPAddress? _peer;
    private string _peerText = "";
    private string _publicPort = "";

    public Exchange(ProxyApplication application, TimeProvider time)
    {
        _application = application;
        Transformer = new UpstreamTransformer(this);
        Record = new ExchangeRecord(time);
    }

    /// <summary>The server's features of this request.</summary>
    public IFeatureCollection Features { get; private set; } = null!;

    public IHttpRequestFeature Request { get; private set; } = null!;

    public IHttpResponseFeature Response { get; private set; } = null!;

    /// <summary>Takes the answer's body.</summary>
    public IHttpResponseBodyFeature ResponseBody { get; private set; } = null!;

    /// <summary>Knows when the client has gone.</summary>
    public IHttpRequestLifetimeFeature Lifetime { get; private set; } = null!;

    /// <summary>The policy that the connection's handshake was under; null without TLS.</summary>
    public TlsPolicyFeature? OpenedUnder { get; private set; }

    /// <summary>Tells a WebSocket over HTTP/2 (RFC 8441).</summary>
    public IHttpExtendedConnectFeature? ExtendedConnect { get; private set; }

    /// <summary>Whether it may become a tunnel: an HTTP/1.1 upgrade, or a WebSocket over HTTP/2.</summary>
    public bool IsUpgrade => (Request.Protocol != HttpProtocol.Http10 && _upgrade is { IsUpgradableRequest: true }) || ExtendedConnect is { IsExtendedConnect: true };

    /// <summary>The same request in the form that YARP wants.</summary>
    public HttpContext HttpContext => _httpContext;

    /// <summary>The listener that the connection came through.</summary>
    public ListenerFeature Listener { get; private set; } = null!;

    /// <summary>The event loop that the connection lives in, if it does.</summary>
    public EventLoop? Loop { get; private set; }

    /// <summary>What that listener serves.</summary>
    public ListenerRoutes Routes { get; private set; } = null!;

    /// <summary>The state of the data plane when the request arrived; it does not change under way.</summary>
    public ProxyState State { get; private set; } = null!;

    public ClientIdentity Client { get; private set; }

    public RequestId RequestId { get; private set; }

    /// <summary>The request's fields.</summary>
    public RequestFields Fields { get; } = new();

    /// <summary>Whether the upstream is told the id; the gateway's own answers and logs have it at any rate.</summary>
    public bool PassesRequestId { get; private set; }

    /// <summary>What the connection notes of fields while they are decoded.</summary>
    public IFieldWatch? FieldWatch { get; private set; }

    /// <summary>What <c>Connection</c> holds of the client's beside the usual options; the server's view of it is shortened.</summary>
    public StringValues NamingConnection => (FieldWatch as ConnectionOptionsWatch)?.Naming ?? default;

    /// <summary>The request target in origin form, as sent: starts with a slash.</summary>
    public string Target { get; set; } = "";

    public bool IsHttp1 { get; private set; }

    /// <summary>Whether the HTTP/1 connection ends with this answer: keep-alive is turned off, or the process is about to end.</summary>
    /// <remarks>Asked when the answer begins, so that a request in flight when the process is told to end is no exception.</remarks>
    public bool ClosesConnection => IsHttp1 && (_application.TurnsAway || State.Settings.KeepAlive <= TimeSpan.Zero);

    public bool HasBody { get; private set; }

    /// <summary>Most bytes of a body; null: any number.</summary>
    public long? MaxBodySize { get; set; }

    public CompiledRoute? Route { get; set; }

    /// <summary>What the route table said; null when the request did not get so far.</summary>
    public MatchResult? Match { get; set; }

    /// <summary>The backend that was chosen of the route's.</summary>
    public CompiledBackend? Backend { get; set; }

    /// <summary>What the chosen backend's endpoints speak.</summary>
    public BackendProtocol Protocol => Backend!.Backend.Protocol;

    /// <summary>The endpoint that is being tried.</summary>
    public Endpoint? Endpoint { get; set; }

    /// <summary>Why the gateway answered itself; null when the upstream's answer was passed on.</summary>
    public AnswerReason? Reason { get; set; }

    public UpstreamTransformer Transformer { get; }

    /// <summary>What the lean forwarder keeps for the next request; null until it has had one.</summary>
    public LeanExchange? Lean { get; set; }

    /// <summary>What is measured of it.</summary>
    public ExchangeRecord Record { get; }

    /// <summary>The HSTS header that answers to this request carry, or null.</summary>
    public string? StrictTransportSecurity => Listener.IsTls ? State.StrictTransportSecurity : null;

    /// <summary>Takes up a new request.</summary>
    public void Begin(IFeatureCollection features, RouteTable routes, ProxyState state)
    {
        Record.Begin();
        State = state;
        if (!ReferenceEquals(features, Features))
            TakeUp(features, routes);
        // An Upgrade in an HTTP/1.0 request is to be ignored (RFC 9110 7.8), but the server would take it up.
        if (Request.Protocol == HttpProtocol.Http10)
            features.Set<IHttpUpgradeFeature>(null);
        _httpContext.Initialize(features);
        IsHttp1 = Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal);
        if (_application.TurnsAway && !IsHttp1)
            features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        HasBody = _bodyDetection?.CanHaveBody ?? false;
        Fields.Take(Request.Headers);
        RequestId = RequestId.For(Request.Headers);
        PassesRequestId = RequestId.Sent is not null || state.Settings.GenerateRequestId;

        _activity?.IsServing = true;
        var peer = _connection?.RemoteIpAddress;
        if (!ReferenceEquals(peer, _peer))
        {
            _peer = peer;
            _peerText = peer is null ? "" : ClientResolver.Unmap(peer).ToString();
        }
        Client = state.Clients.Resolve(
            Request.Headers, peer is null ? null : ClientResolver.Unmap(peer), _peerText, Listener.IsTls ? "https" : "http", _publicPort);
    }

    /// <summary>
    /// Takes up a connection, or a stream: what the server offers for its first request are the same objects for all that follow.
    /// </summary>
    private void TakeUp(IFeatureCollection features, RouteTable routes)
    {
        Features = features;
        Request = features.Get<IHttpRequestFeature>()!;
        Response = features.Get<IHttpResponseFeature>()!;
        ResponseBody = features.Get<IHttpResponseBodyFeature>()!;
        Lifetime = features.Get<IHttpRequestLifetimeFeature>()!;
        _bodyDetection = features.Get<IHttpRequestBodyDetectionFeature>();
        _upgrade = features.Get<IHttpUpgradeFeature>();
        ExtendedConnect = features.Get<IHttpExtendedConnectFeature>();
        _connection = features.Get<IHttpConnectionFeature>();
        OpenedUnder = features.Get<TlsPolicyFeature>();
        Loop = features.Get<EventLoop>();
        FieldWatch = features.Get<IFieldWatch>();
        _activity = features.Get<RequestActivity>();
        Listener = features.Get<ListenerFeature>()!;
        Routes = routes.Listener(Listener.Name);
        _publicPort = Listener.PublicPort.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Lets go of all that belongs to the request.</summary>
    public void End()
    {
        FieldWatch?.Forget(Request.Headers);
        if (IsHttp1)
            _activity?.IsServing = false;
        Record.Clear();
        Fields.Clear();
        Match = null;
        Backend = null;
        Route = null;
        Endpoint = null;
        Reason = null;
        MaxBodySize = null;
        Target = "";
        Transformer.Reset();
        _httpContext.Uninitialize();
    }
}
