namespace Gateway.Proxy.Tests;

internal static class Allocations
{
    /// <summary>Bytes that a thousand calls allocate, once the first is done.</summary>
    public static long Of(Action action)
    {
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
