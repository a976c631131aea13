namespace Gateway.Proxy.Tests.Listeners;

/// <summary>Waits for what other threads bring about.</summary>
internal static class Eventually
{
    public static async Task IsAsync<T>(T expected, Func<T> actual)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < deadline && !Equals(expected, actual());)
            await Task.Delay(5, TestContext.Current.CancellationToken);
        Assert.Equal(expected, actual());
    }
}
