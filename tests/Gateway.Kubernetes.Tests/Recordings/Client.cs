using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>Requests as the recordings have them: paths, bodies and headers in plain sight.</summary>
internal sealed class Client(ApiServer api) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = api.Address, Timeout = TimeSpan.FromSeconds(30) };

    public const string Ingresses = "/apis/networking.k8s.io/v1/namespaces/demo/ingresses";

    public async Task<Reply> SendAsync(string method, string path, string? body = null, string contentType = "application/json", string? accept = null, string? token = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return new Reply(response, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task<Reply> GetAsync(string path, string? accept = null, string? token = null) => SendAsync("GET", path, accept: accept, token: token);

    public Task<Reply> PatchAsync(string path, string body) => SendAsync("PATCH", path, body, "application/merge-patch+json");

    public async Task<Watch> WatchAsync(string path, string? accept = null, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        return new Watch(await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A whole answer.</summary>
    internal sealed class Reply(HttpResponseMessage response, string text)
    {
        public int Status => (int)response.StatusCode;
        public string Text => text;
        public HttpResponseHeaders Headers => response.Headers;
        public HttpContentHeaders ContentHeaders => response.Content.Headers;
        public JsonObject Json => JsonNode.Parse(text)!.AsObject();
        public string? Message => (string?)Json["message"];
    }

    /// <summary>A stream of lines.</summary>
    internal sealed class Watch(HttpResponseMessage response) : IDisposable
    {
        private StreamReader? _reader;

        public HttpResponseMessage Response => response;

        public async Task<string?> NextLineAsync()
        {
            _reader ??= new(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            return await _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        }

        /// <summary>The next event as "TYPE name resourceVersion"; null at the end of the stream.</summary>
        public async Task<string?> NextAsync()
        {
            var line = await NextLineAsync();
            if (line is null)
                return null;
            var json = JsonNode.Parse(line)!;
            var metadata = json["object"]!["metadata"]!;
            return $"{json["type"]} {metadata["name"]} {metadata["resourceVersion"]}";
        }

        public void Dispose()
        {
            _reader?.Dispose();
            response.Dispose();
        }
    }
}
