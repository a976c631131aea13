using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>A client that sends request after request, on connections that it keeps, and judges each answer.</summary>
internal sealed class LoadClient(HttpClient client, string scheme, ChurningHost[] hosts)
{
    private volatile int _requests;

    /// <summary>How many have been answered.</summary>
    public int Requests => _requests;

    /// <summary>What went wrong.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        using (client)
        {
            while (!stop.IsCancellationRequested)
            {
                await RequestAsync(hosts[_requests % hosts.Length], withBody: _requests % 3 == 0);
                _requests++;
            }
        }
    }

    /// <summary>Ends when the request that is under way now has been answered.</summary>
    public Task AllUnderWayAsync()
    {
        var now = _requests;
        return Eventually.IsAsync(() => Task.FromResult(_requests), requests => requests > now + 1);
    }

    private async Task RequestAsync(ChurningHost host, bool withBody)
    {
        var settled = host.Settled;
        try
        {
            var request = new HttpRequestMessage(withBody ? HttpMethod.Post : HttpMethod.Get, $"{scheme}://{host.Name}/");
            if (withBody)
                request.Content = new StringContent("body");
            var answer = await client.AskAsync(request);
            if (answer.Status != HttpStatusCode.OK || !host.AllowedSince(settled).Contains(answer.From))
                Fail(host, answer.ToString());
        }
        catch (HttpRequestException e)
        {
            Fail(host, e.ToString());
        }
    }

    private void Fail(ChurningHost host, string what) =>
        Failures.Enqueue(string.Create(CultureInfo.InvariantCulture, $"request {_requests} for {host.Name}: {what}"));
}
