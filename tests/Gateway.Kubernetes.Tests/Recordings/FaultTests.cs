using System.Text.Json.Nodes;
using Gateway.Testing.ApiServer;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>The switches of the double: what goes wrong looks as it does with a real server.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private ApiServer _api = null!;
    private Client _client = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await ApiServer.StartAsync();
        _client = new Client(_api);
        Objects.PutIngresses(_api, "a", "b", "c", "d", "e");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_cut_watch_ends_without_the_end_of_its_body()
    {
        using var watch = await _client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={_api.ResourceVersion}");

        _api.Faults.CutWatches();

        await Assert.ThrowsAnyAsync<Exception>(watch.NextLineAsync);
    }

    [Fact]
    public async Task An_ended_watch_ends_normally()
    {
        using var watch = await _client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={_api.ResourceVersion}");

        _api.Faults.EndWatches();

        Assert.Null(await watch.NextLineAsync());
    }

    [Fact]
    public async Task A_frozen_watch_is_silent_and_then_says_what_it_held_back()
    {
        using var watch = await _client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={_api.ResourceVersion}");
        _api.Faults.FreezeWatches = true;
        Objects.PutIngresses(_api, "f");

        var next = watch.NextAsync();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(200, TestContext.Current.CancellationToken)));

        _api.Faults.FreezeWatches = false;
        Assert.Equal($"ADDED f {_api.ResourceVersion}", await next);
    }

    [Fact]
    public async Task A_stopped_server_refuses_connections_and_comes_back_at_the_same_address_with_its_objects()
    {
        var address = _api.Address;
        await _client.GetAsync(Client.Ingresses);

        await _api.StopListeningAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync(Client.Ingresses));
        await _api.ListenAsync();

        Assert.Equal(address, _api.Address);
        Assert.Equal(5, (await _client.GetAsync(Client.Ingresses)).Json["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_page_that_is_to_fail_fails_once()
    {
        _api.Faults.FailPage(2, 500);

        var first = await _client.GetAsync($"{Client.Ingresses}?limit=2");
        var next = $"{Client.Ingresses}?limit=2&continue={first.Json["metadata"]!["continue"]}";

        Assert.Equal(200, first.Status);
        Assert.Equal(500, (await _client.GetAsync(next)).Status);
        Assert.Equal(200, (await _client.GetAsync(next)).Status);
    }

    [Fact]
    public async Task A_page_can_be_cut_in_the_middle()
    {
        _api.Faults.FailPage(1, 0);

        await Assert.ThrowsAnyAsync<Exception>(() => _client.GetAsync(Client.Ingresses));
    }

    [Fact]
    public async Task Garbage_comes_between_two_events()
    {
        using var watch = await _client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={_api.ResourceVersion}");

        _api.Faults.GarbageEvent("{\"type\":\"SURPRISE\"", "services");
        _api.Faults.GarbageEvent("{\"type\":\"SURPRISE\"}", "ingresses");
        var garbage = await watch.NextLineAsync();
        Objects.PutIngresses(_api, "f");

        Assert.Equal("{\"type\":\"SURPRISE\"}", garbage);
        Assert.Equal($"ADDED f {_api.ResourceVersion}", await watch.NextAsync());
    }

    [Fact]
    public async Task Too_many_requests_is_plain_text_with_the_seconds_to_wait()
    {
        _api.Faults.TooManyRequests(2);

        var reply = await _client.GetAsync(Client.Ingresses);

        Assert.Equal(429, reply.Status);
        Assert.Equal(TimeSpan.FromSeconds(2), reply.Headers.RetryAfter!.Delta);
        Assert.Equal("text/plain", reply.ContentHeaders.ContentType!.MediaType);
        Assert.Equal("Too many requests, please try again later.\n", reply.Text);
        Assert.Equal(200, (await _client.GetAsync(Client.Ingresses)).Status);
    }

    [Fact]
    public async Task A_forbidden_resource_is_answered_as_without_the_rule_and_a_running_watch_of_it_goes_on()
    {
        using var watch = await _client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={_api.ResourceVersion}");

        _api.Faults.Forbid("ingresses");
        Objects.PutIngresses(_api, "f");

        Assert.Equal($"ADDED f {_api.ResourceVersion}", await watch.NextAsync());
        Assert.Equal(403, (await _client.GetAsync($"{Client.Ingresses}?watch=true")).Status);
        _api.Faults.Allow("ingresses");
        Assert.Equal(200, (await _client.GetAsync(Client.Ingresses)).Status);
    }

    [Fact]
    public async Task Gone_comes_as_a_status_or_in_the_stream()
    {
        _api.Faults.GoneOnWatch = true;
        Assert.Equal(410, (await _client.GetAsync($"{Client.Ingresses}?watch=true&resourceVersion=1")).Status);
        _api.Faults.GoneOnWatch = false;

        _api.Faults.GoneInStream = true;
        var reply = await _client.GetAsync($"{Client.Ingresses}?watch=true&resourceVersion=1");
        Assert.Equal(200, reply.Status);
        Assert.Equal(410, (int?)JsonNode.Parse(reply.Text)!["object"]!["code"]);
    }

    [Fact]
    public async Task What_a_test_does_before_a_request_is_seen_by_it()
    {
        _api.Faults.Before = call =>
        {
            if (call.Verb == "patch")
                _api.Delete("Ingress", "demo", "a");
            return Task.CompletedTask;
        };

        Assert.Equal(404, (await _client.PatchAsync($"{Client.Ingresses}/a/status", "{}")).Status);
    }

    [Fact]
    public async Task Calls_tell_what_was_asked_and_answered()
    {
        await _client.GetAsync($"{Client.Ingresses}/nope");

        var call = Assert.Single(_api.Calls);
        Assert.Equal(
            ("get", "networking.k8s.io", "ingresses", "demo", "nope", 404),
            (call.Verb, call.Group, call.Resource, call.Namespace, call.Name, call.Status));
    }
}
