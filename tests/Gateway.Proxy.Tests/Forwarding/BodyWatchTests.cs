using System.IO.Pipelines;
using Gateway.Configuration.Model;
using Gateway.Proxy.Forwarding;
using Gateway.Proxy.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Forwarding;

public sealed class BodyWatchTests
{
    private static readonly TimeSpan ClientTimeout = TimeSpan.FromSeconds(10);
    private static readonly UpstreamTimeouts Upstream = new(Connect: TimeSpan.FromSeconds(1), Read: TimeSpan.FromSeconds(30), Send: TimeSpan.FromSeconds(20));
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _client = new();
    private readonly byte[] _buffer = new byte[100];

    private readonly Standstill _standstill;

    public BodyWatchTests()
    {
        _standstill = new Standstill(_time, () => { });
        _standstill.Begin(Upstream);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void It_waits_for_nobody_before_the_body_is_asked_for()
    {
        using var watch = Watch();

        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(_standstill.HasExpired);
        Assert.False(watch.Touched);
        Assert.Equal(Standstill.Waiting.Nobody, _standstill.WaitsFor);
    }

    [Fact]
    public void A_client_that_sends_nothing_for_its_timeout_is_to_blame()
    {
        using var watch = Watch();
        var reading = watch.ReadAsync(_buffer, Cancellation);

        _time.Advance(ClientTimeout - Moment);
        Assert.False(_standstill.HasExpired);
        _time.Advance(Moment);

        Assert.True(_standstill.HasExpired);
        Assert.Equal(Standstill.Waiting.Client, _standstill.WaitsFor);
        Assert.True(watch.Touched);
        Assert.False(reading.IsCompleted);
    }

    [Fact]
    public async Task A_client_that_sends_a_little_now_and_then_may_take_any_time()
    {
        using var watch = Watch();

        for (var i = 0; i < 100; i++)
        {
            var reading = watch.ReadAsync(_buffer, Cancellation);
            _time.Advance(ClientTimeout - Moment);
            await SendAsync(1);
            Assert.Equal(1, await reading);
        }

        Assert.False(_standstill.HasExpired);
    }

    [Fact]
    public async Task An_upstream_that_takes_nothing_for_the_send_timeout_is_to_blame()
    {
        using var watch = Watch();
        await SendAsync(1);
        Assert.Equal(1, await watch.ReadAsync(_buffer, Cancellation));

        _time.Advance(Upstream.Send - Moment);
        Assert.False(_standstill.HasExpired);
        _time.Advance(Moment);

        Assert.True(_standstill.HasExpired);
        Assert.Equal(Standstill.Waiting.Upstream, _standstill.WaitsFor);
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_for_the_read_timeout_is_to_blame()
    {
        using var watch = Watch();
        await SendAsync(1);
        await _client.Writer.CompleteAsync();
        Assert.Equal(1, await watch.ReadAsync(_buffer, Cancellation));
        Assert.False(watch.Ended);
        Assert.Equal(0, await watch.ReadAsync(_buffer, Cancellation));
        Assert.True(watch.Ended);

        _time.Advance(Upstream.Read - Moment);
        Assert.False(_standstill.HasExpired);
        _time.Advance(Moment);

        Assert.True(_standstill.HasExpired);
        Assert.Equal(Standstill.Waiting.Answer, _standstill.WaitsFor);
    }

    [Fact]
    public async Task A_read_that_only_waits_for_data_is_not_the_end()
    {
        using var watch = Watch();
        await SendAsync(1);

        Assert.Equal(0, await watch.ReadAsync(Memory<byte>.Empty, Cancellation));

        Assert.False(watch.Ended);
        Assert.Equal(1, await watch.ReadAsync(_buffer, Cancellation));
    }

    [Fact]
    public async Task Once_the_answer_flows_either_side_may_be_silent_while_the_other_is_not()
    {
        using var watch = Watch();
        var reading = watch.ReadAsync(_buffer, Cancellation);
        Moved();

        // The upstream streams, the client is silent.
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(Upstream.Read - Moment);
            Moved();
        }
        // The client streams, the upstream is silent.
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(Upstream.Read - Moment);
            await SendAsync(1);
            Assert.Equal(1, await reading);
            reading = watch.ReadAsync(_buffer, Cancellation);
        }
        Assert.False(_standstill.HasExpired);
        _time.Advance(Upstream.Read);

        Assert.True(_standstill.HasExpired);
        Assert.Equal(Standstill.Waiting.Answer, _standstill.WaitsFor);
    }

    [Fact]
    public async Task A_client_that_is_slow_to_take_the_answer_has_a_limit_of_its_own()
    {
        using var watch = Watch();
        var reading = watch.ReadAsync(_buffer, Cancellation);
        _standstill.AwaitTaker();
        _time.Advance(Upstream.Read * 2);
        // The rest of the body comes meanwhile: that is no reason to expect anything of the upstream, which has answered.
        await SendAsync(1);
        await reading;
        _time.Advance(Standstill.TakeTimeout - Upstream.Read * 2 - Moment);
        Assert.False(_standstill.HasExpired);
        _time.Advance(Moment);

        Assert.True(_standstill.HasExpired);
        Assert.Equal(Standstill.Waiting.Taker, _standstill.WaitsFor);
    }

    [Fact]
    public async Task Whom_it_waited_for_when_it_expired_stays_known()
    {
        using var watch = Watch();
        var reading = watch.ReadAsync(_buffer, Cancellation);
        _time.Advance(ClientTimeout);

        await SendAsync(1);
        await reading;

        Assert.Equal(Standstill.Waiting.Client, _standstill.WaitsFor);
    }

    [Fact]
    public async Task A_body_of_the_allowed_size_passes_and_one_byte_more_does_not()
    {
        using var watch = Watch(maxBytes: 150);
        await SendAsync(150);
        Assert.Equal(100, await watch.ReadAsync(_buffer, Cancellation));
        Assert.Equal(50, await watch.ReadAsync(_buffer, Cancellation));

        await SendAsync(1);
        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => watch.ReadAsync(_buffer, Cancellation).AsTask());

        Assert.Equal(StatusCodes.Status413PayloadTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Ending_the_watch_leaves_the_body_open()
    {
        var body = _client.Reader.AsStream();
        using (var watch = new BodyWatch(body, null, ClientTimeout, _standstill, new ExchangeRecord(_time)))
        {
        }

        await SendAsync(1);
        Assert.Equal(1, await body.ReadAsync(_buffer, Cancellation));
    }

    private void Moved()
    {
        _standstill.AwaitTaker();
        _standstill.AwaitMore();
    }

    private BodyWatch Watch(long? maxBytes = null) => new(_client.Reader.AsStream(), maxBytes, ClientTimeout, _standstill, new ExchangeRecord(_time));

    private async Task SendAsync(int count) => await _client.Writer.WriteAsync(new byte[count], Cancellation);
}
