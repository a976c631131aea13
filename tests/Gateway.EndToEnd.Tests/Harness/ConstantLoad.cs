using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>
/// Clients that ask all the time, one request after the other, and demand the answer 200: one that keeps its HTTP/1.1
/// connection, one that opens a new one each time, one with HTTP/2 and, where URLs are <c>https</c>, all of them over TLS.
/// </summary>
internal sealed class ConstantLoad : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly int[] _answered = new int[3];
    private readonly string[] _urls;
    private readonly Task _running;

    private ConstantLoad(GatewayProcess gateway, X509Certificate2? trusted, string[] urls)
    {
        _urls = urls;
        var fresh = GatewayHttp.Client(gateway, trusted: trusted);
        fresh.DefaultRequestHeaders.ConnectionClose = true;
        _running = Task.WhenAll(
            RunAsync(GatewayHttp.Client(gateway, trusted: trusted), 0),
            RunAsync(fresh, 1),
            RunAsync(GatewayHttp.Client(gateway, HttpVersion.Version20, trusted), 2));
    }

    /// <summary>Starts asking.</summary>
    /// <param name="gateway">Whom.</param>
    /// <param name="urls">What, in turn.</param>
    public static ConstantLoad Start(GatewayProcess gateway, params string[] urls) => new(gateway, null, urls);

    /// <summary>The same, believing only certificates of <paramref name="trusted"/>.</summary>
    public static ConstantLoad Start(GatewayProcess gateway, X509Certificate2 trusted, params string[] urls) => new(gateway, trusted, urls);

    /// <summary>Waits until every client has got so many more answers, which were asked for from now on.</summary>
    public Task GoesOnAsync(int answers = 3)
    {
        int[] now = [.. _answered];
        return Eventually.HoldsAsync(() => !_failures.IsEmpty || now.Zip(_answered, (before, after) => after > before + answers).All(enough => enough));
    }

    /// <summary>Ends, and fails if any request has.</summary>
    public async Task EndAsync()
    {
        await GoesOnAsync();
        await _stop.CancelAsync();
        await _running;
        Assert.True(_failures.IsEmpty, $"{_failures.Count} requests failed beside {_answered.Sum()}: {string.Join('\n', _failures.Take(5))}");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(HttpClient client, int number)
    {
        using var _ = client;
        while (!_stop.IsCancellationRequested)
        {
            var url = _urls[_answered[number] % _urls.Length];
            try
            {
                var answer = await client.AskAsync(url);
                if (answer.Status != HttpStatusCode.OK)
                    _failures.Enqueue($"{url}: {answer}");
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                _failures.Enqueue($"{url}: {e}");
            }
            _answered[number]++;
        }
    }
}
