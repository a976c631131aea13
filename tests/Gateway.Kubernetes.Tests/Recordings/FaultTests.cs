using System.Text.Json.Nodes;

namespace Gateway.Kubernetes.Tests.Recordings;

/// <summary>The switches of the double: what goes wrong looks as it does with a real server.</summary>
public sealed class FaultTests : RecordingTests
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Objects.PutIngresses(Api, "a", "b", "c", "d", "e");
    }

    [Fact]
    public async Task A_cut_watch_ends_without_the_end_of_its_body()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");

        Api.Faults.CutWatches();

        await Assert.ThrowsAnyAsync<Exception>(watch.NextLineAsync);
    }

    [Fact]
    public async Task An_ended_watch_ends_normally()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");

        Api.Faults.EndWatches();

        Assert.Null(await watch.NextLineAsync());
    }

    [Fact]
    public async Task A_frozen_watch_is_silent_and_then_says_what_it_held_back()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");
        Api.Faults.FreezeWatches = true;
        Objects.PutIngresses(Api, "f");

        var next = watch.NextAsync();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(200, TestContext.Current.CancellationToken)));

        Api.Faults.FreezeWatches = false;
        Assert.Equal($"ADDED f {Api.ResourceVersion}", await next);
    }

    [Fact]
    public async Task A_frozen_watch_does_not_even_end()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");
        Api.Faults.FreezeWatches = true;
        Api.Faults.EndWatches();

        var next = watch.NextLineAsync();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(200, TestContext.Current.CancellationToken)));

        Api.Faults.FreezeWatches = false;
        Assert.Null(await next);
    }

    [Fact]
    public async Task A_stopped_server_refuses_connections_and_comes_back_at_the_same_address_with_its_objects()
    {
        var address = Api.Address;
        await Client.GetAsync(Client.Ingresses);

        await Api.StopListeningAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.GetAsync(Client.Ingresses));
        await Api.ListenAsync();

        Assert.Equal(address, Api.Address);
        Assert.Equal(5, (await Client.GetAsync(Client.Ingresses)).Json["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_page_that_is_to_fail_fails_once()
    {
        Api.Faults.FailPage(2, 500);

        var first = await Client.GetAsync($"{Client.Ingresses}?limit=2");
        var next = $"{Client.Ingresses}?limit=2&continue={first.Json["metadata"]!["continue"]}";

        Assert.Equal(200, first.Status);
        Assert.Equal(500, (await Client.GetAsync(next)).Status);
        Assert.Equal(200, (await Client.GetAsync(next)).Status);
    }

    [Fact]
    public async Task A_page_can_be_cut_in_the_middle()
    {
        Api.Faults.FailPage(1, 0);

        await Assert.ThrowsAnyAsync<Exception>(() => Client.GetAsync(Client.Ingresses));
    }

    [Fact]
    public async Task A_page_can_stop_in_the_middle()
    {
        Api.Faults.FreezePage(1);

        var page = Client.GetAsync(Client.Ingresses);

        Assert.NotSame(page, await Task.WhenAny(page, Task.Delay(200, TestContext.Current.CancellationToken)));
        Assert.Equal(200, (await Client.GetAsync(Client.Ingresses)).Status);
    }

    [Fact]
    public async Task Garbage_comes_between_two_events()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");

        Api.Faults.GarbageEvent("{\"type\":\"SURPRISE\"", "services");
        Api.Faults.GarbageEvent("{\"type\":\"SURPRISE\"}", "ingresses");
        var garbage = await watch.NextLineAsync();
        Objects.PutIngresses(Api, "f");

        Assert.Equal("{\"type\":\"SURPRISE\"}", garbage);
        Assert.Equal($"ADDED f {Api.ResourceVersion}", await watch.NextAsync());
    }

    [Fact]
    public async Task Too_many_requests_is_plain_text_with_the_seconds_to_wait()
    {
        Api.Faults.TooManyRequests(2);

        var reply = await Client.GetAsync(Client.Ingresses);

        Assert.Equal(429, reply.Status);
        Assert.Equal(TimeSpan.FromSeconds(2), reply.Headers.RetryAfter!.Delta);
        Assert.Equal("text/plain", reply.ContentHeaders.ContentType!.MediaType);
        Assert.Equal("Too many requests, please try again later.\n", reply.Text);
        Assert.Equal(200, (await Client.GetAsync(Client.Ingresses)).Status);
    }

    [Fact]
    public async Task A_forbidden_resource_is_answered_as_without_the_rule_and_a_running_watch_of_it_goes_on()
    {
        using var watch = await Client.WatchAsync($"{Client.Ingresses}?watch=true&resourceVersion={Api.ResourceVersion}");

        Api.Faults.Forbid("ingresses");
        Objects.PutIngresses(Api, "f");

        Assert.Equal($"ADDED f {Api.ResourceVersion}", await watch.NextAsync());
        Assert.Equal(403, (await Client.GetAsync($"{Client.Ingresses}?watch=true")).Status);
        Api.Faults.Allow("ingresses");
        Assert.Equal(200, (await Client.GetAsync(Client.Ingresses)).Status);
    }

    [Fact]
    public async Task Gone_comes_as_a_status_or_in_the_stream()
    {
        Api.Faults.GoneOnWatch = true;
        Assert.Equal(410, (await Client.GetAsync($"{Client.Ingresses}?watch=true&resourceVersion=1")).Status);
        Api.Faults.GoneOnWatch = false;

        Api.Faults.GoneInStream = true;
        var reply = await Client.GetAsync($"{Client.Ingresses}?watch=true&resourceVersion=1");
        Assert.Equal(200, reply.Status);
        Assert.Equal(410, (int?)JsonNode.Parse(reply.Text)!["object"]!["code"]);
    }

    [Fact]
    public async Task What_a_test_does_before_a_request_is_seen_by_it()
    {
        Api.Faults.Before = call =>
        {
            if (call.Verb == "patch")
                Api.Delete("Ingress", "demo", "a");
            return Task.CompletedTask;
        };

        Assert.Equal(404, (await Client.PatchAsync($"{Client.Ingresses}/a/status", "{}")).Status);
    }

    [Fact]
    public async Task Calls_tell_what_was_asked_and_answered()
    {
        await Client.GetAsync($"{Client.Ingresses}/nope");

        var call = Assert.Single(Api.Calls);
        Assert.Equal(
            ("get", "networking.k8s.io", "ingresses", "demo", "nope", 404),
            (call.Verb, call.Group, call.Resource, call.Namespace, call.Name, call.Status));
    }
}
