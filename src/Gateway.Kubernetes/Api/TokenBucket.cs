namespace Gateway.Kubernetes.Api;

/// <summary>Limits how often something is done. For one caller at a time.</summary>
/// <param name="perSecond">How often in the long run.</param>
/// <param name="burst">How often at once after a rest.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(double perSecond, int burst, TimeProvider time)
{
    private double _tokens = burst;
    private long _filledAt = time.GetTimestamp();

    /// <summary>Waits for its turn.</summary>
    public async Task TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(burst, _tokens + time.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
            _filledAt = now;
            if (_tokens >= 1)
            {
                _tokens--;
                return;
            }
            // Timers count whole milliseconds; less than one would be no wait at all.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling((1 - _tokens) / perSecond * 1000)), time, cancellation);
        }
    }
}
