using System.Net;
using System.Net.Http.Headers;
using k8s;

namespace Gateway.Kubernetes.Api;

/// <summary>
/// Talks to one API server, with the credentials and TLS settings of a kubeconfig or a pod's service account. These are
/// read anew when the server refuses them, so that a rotated token, client certificate or authority needs no restart.
/// </summary>
public sealed class ApiClient : IDisposable
{
    /// <summary>How long a request may take until its header has come, and a whole unary call.</summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    // Reading a configuration may run a credential plugin.
    private static readonly TimeSpan ReconfigurationPause = TimeSpan.FromSeconds(5);
    private const int LongestRefusal = 64 * 1024;

    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/json");
    private static readonly ProductInfoHeaderValue UserAgent =
        new("gateway", typeof(ApiClient).Assembly.GetName().Version?.ToString(3));

    private readonly Func<KubernetesClientConfiguration>? _configure;
    private readonly TimeProvider _time;
    private readonly Lock _reconfiguring = new();
    private volatile ApiConnection _connection;
    private long _configuredAt;

    /// <summary>Reads the configuration and is ready; nothing is sent yet.</summary>
    /// <param name="configure">Reads the configuration: called now and whenever the server refuses what it gave.</param>
    /// <param name="time">Measures time-outs.</param>
    /// <exception cref="k8s.Exceptions.KubeConfigException">There is no usable configuration.</exception>
    public ApiClient(Func<KubernetesClientConfiguration> configure, TimeProvider time)
    {
        (_configure, _time) = (configure, time);
        _connection = ApiConnection.From(configure());
        _configuredAt = time.GetTimestamp();
    }

    /// <summary>Sends requests without credentials.</summary>
    internal ApiClient(HttpMessageInvoker http, Uri server, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _connection = new ApiConnection(http, server, null);
    }

    /// <summary>The server's address.</summary>
    public Uri Server => _connection.Server;

    /// <summary>Sends a request and returns when the header of its answer has come; the caller disposes the answer.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="pathAndQuery">For example <c>/api/v1/services?limit=500</c>.</param>
    /// <param name="body">UTF-8 JSON, or null.</param>
    /// <param name="contentType">The body's type; null: <c>application/json</c>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="accept">What the answer may be; null: <c>application/json</c>.</param>
    /// <exception cref="ApiException">The answer is no success.</exception>
    /// <exception cref="HttpRequestException">The server could not be reached.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="TimeoutException">No header came within <see cref="CallTimeout"/>.</exception>
    internal async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string pathAndQuery, byte[]? body, string? contentType, CancellationToken cancellation,
        MediaTypeWithQualityHeaderValue? accept = null)
    {
        using var timeout = new CallTimer(CallTimeout, _time, cancellation);
        try
        {
            for (var mayRetry = true; ; mayRetry = false)
            {
                var connection = _connection;
                using var request = new HttpRequestMessage(method, connection.AddressOf(pathAndQuery))
                {
                    Version = HttpVersion.Version20,
                    VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
                };
                request.Headers.Accept.Add(accept ?? Json);
                request.Headers.UserAgent.Add(UserAgent);
                if (body is not null)
                {
                    request.Content = new ByteArrayContent(body);
                    request.Content.Headers.ContentType = contentType is null ? Json : MediaTypeHeaderValue.Parse(contentType);
                }
                await AuthorizeAsync(connection, request, timeout.Token);
                var response = await SendAsync(connection, request, timeout.Token);
                if (response.IsSuccessStatusCode)
                    return response;
                using (response)
                {
                    if (response.StatusCode == HttpStatusCode.Unauthorized && mayRetry && TryReconfigure(connection))
                        continue;
                    throw ApiException.From((int)response.StatusCode, response.Headers, await ReadStartAsync(response, timeout.Token));
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Late(method, pathAndQuery);
        }
    }

    /// <summary>Sends a request and reads the whole body of the answer, within <see cref="CallTimeout"/>.</summary>
    /// <inheritdoc cref="SendAsync(HttpMethod, string, byte[], string, CancellationToken, MediaTypeWithQualityHeaderValue)"/>
    internal async Task<byte[]> ReadAsync(
        HttpMethod method, string pathAndQuery, byte[]? body, string? contentType, CancellationToken cancellation)
    {
        using var timeout = new CallTimer(CallTimeout, _time, cancellation);
        try
        {
            using var response = await SendAsync(method, pathAndQuery, body, contentType, timeout.Token);
            return await response.Content.ReadAsByteArrayAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Late(method, pathAndQuery);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static async Task AuthorizeAsync(ApiConnection connection, HttpRequestMessage request, CancellationToken cancellation)
    {
        if (connection.Credentials is not { } credentials)
            return;
        try
        {
            await credentials.ProcessHttpRequestAsync(request, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A token file that is gone, a credential plugin that fails.
            throw new HttpRequestException(HttpRequestError.UserAuthenticationError, $"The credentials cannot be read: {e.Message}", e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(ApiConnection connection, HttpRequestMessage request, CancellationToken cancellation)
    {
        try
        {
            return await connection.Http.SendAsync(request, cancellation);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            // The next call finds a new authority or client certificate, if there is one.
            TryReconfigure(connection);
            throw;
        }
    }

    /// <summary>Reads the configuration anew, unless that has just been done. False: there is nothing newer than <paramref name="refused"/>.</summary>
    private bool TryReconfigure(ApiConnection refused)
    {
        if (_configure is null)
            return false;
        lock (_reconfiguring)
        {
            if (_connection != refused)
                return true;
            if (_time.GetElapsedTime(_configuredAt) < ReconfigurationPause)
                return false;
            _configuredAt = _time.GetTimestamp();
            try
            {
                // What still runs on the old connection may end there; it is left to its pool's idle time-out.
                _connection = ApiConnection.From(_configure());
                return true;
            }
#pragma warning disable CA1031 // Whatever is wrong with the new configuration (a file may be half written), it is tried again later.
            catch (Exception)
#pragma warning restore CA1031
            {
                return false;
            }
        }
    }

    private static async Task<byte[]> ReadStartAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var start = new byte[LongestRefusal];
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var length = await body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellation);
        return start[..length];
    }

    private static TimeoutException Late(HttpMethod method, string pathAndQuery) =>
        new($"No answer to {method} {pathAndQuery.Split('?')[0]} came within {CallTimeout.TotalSeconds:0} s");

    /// <summary>Cancels when time is up or the caller wants to.</summary>
    private sealed class CallTimer : IDisposable
    {
        private readonly CancellationTokenSource _timeout;
        private readonly CancellationTokenSource _linked;

        public CallTimer(TimeSpan after, TimeProvider time, CancellationToken caller)
        {
            _timeout = new CancellationTokenSource(after, time);
            _linked = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, caller);
        }

        public CancellationToken Token => _linked.Token;

        public void Dispose()
        {
            _linked.Dispose();
            _timeout.Dispose();
        }
    }
}
