using System.Globalization;
using System.Text;

namespace Gateway.Proxy.Telemetry;

/// <summary>The time of day as nginx's <c>$time_local</c> has it, in UTC; written once a second.</summary>
internal sealed class LogClock(TimeProvider time)
{
    private volatile Second _last = new(long.MinValue, []);

    /// <summary>Such as <c>30/Nov/2026:23:44:03 +0000</c>.</summary>
    public ReadOnlySpan<byte> Now
    {
        get
        {
            var now = time.GetUtcNow();
            var last = _last;
            var second = now.Ticks / TimeSpan.TicksPerSecond;
            if (last.Number != second)
                _last = last = new Second(second, Encoding.ASCII.GetBytes(now.ToString("dd/MMM/yyyy:HH:mm:ss +0000", CultureInfo.InvariantCulture)));
            return last.Text;
        }
    }

    private sealed record Second(long Number, byte[] Text);
}
