using Gateway.Configuration.Model;
using Gateway.Proxy.Forwarding;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Forwarding;

public sealed class StandstillTests
{
    private static readonly UpstreamTimeouts Long = new(Connect: TimeSpan.FromSeconds(5), Read: TimeSpan.FromSeconds(60), Send: TimeSpan.FromSeconds(60));
    private static readonly UpstreamTimeouts Short = Long with { Read = TimeSpan.FromSeconds(10) };
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Standstill _standstill;
    private int _told;

    public StandstillTests() => _standstill = new Standstill(_time, () => _told++);

    [Fact]
    public void Each_exchange_expires_by_its_own_timeout_and_is_told_of_once()
    {
        Begin(Long);
        _time.Advance(TimeSpan.FromSeconds(59));
        _standstill.End();
        Begin(Short);
        ExpiresAfter(Short.Read);
        _standstill.End();

        Begin(Long);
        ExpiresAfter(Long.Read);
        _standstill.End();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(2, _told);
    }

    [Fact]
    public void An_exchange_that_is_over_does_not_expire()
    {
        Begin(Short);
        _standstill.End();

        _time.Advance(TimeSpan.FromDays(1));

        Assert.False(_standstill.HasExpired);
        Assert.Equal(0, _told);
    }

    [Fact]
    public void Whoever_moves_puts_it_off_however_often()
    {
        Begin(Short);
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(Short.Read - Moment);
            _standstill.AwaitMore();
        }

        ExpiresAfter(Short.Read);
    }

    [Fact]
    public void A_longer_wait_is_not_cut_short_by_the_one_before_nor_a_shorter_one_drawn_out()
    {
        Begin(Short);
        _standstill.AwaitTaker();
        ExpiresAfter(Standstill.TakeTimeout);
        _standstill.End();

        Begin(Short);
        _standstill.AwaitTaker();
        _time.Advance(TimeSpan.FromSeconds(1));
        _standstill.AwaitMore();
        ExpiresAfter(Short.Read);
    }

    [Fact]
    public void What_has_expired_stays_so_until_the_next_exchange()
    {
        Begin(Short);
        _time.Advance(Short.Read);
        _standstill.AwaitTaker();
        Assert.Equal(Standstill.Waiting.Answer, _standstill.WaitsFor);
        _standstill.End();
        Assert.True(_standstill.HasExpired);

        Begin(Short);

        Assert.False(_standstill.HasExpired);
    }

    private void Begin(UpstreamTimeouts timeouts)
    {
        _standstill.Begin(timeouts);
        _standstill.AwaitAnswer();
    }

    private void ExpiresAfter(TimeSpan timeout)
    {
        var before = _told;
        _time.Advance(timeout - Moment);
        Assert.False(_standstill.HasExpired);
        _time.Advance(Moment);
        Assert.True(_standstill.HasExpired);
        Assert.Equal(before + 1, _told);
    }
}
