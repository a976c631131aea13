using System.Runtime.CompilerServices;
using Gateway.Proxy.Threading;

namespace Gateway.Proxy.Tests.Threading;

public sealed class PooledMethodBuilderTests
{
    private static readonly AsyncLocal<int> Local = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_result_arrives_whether_or_not_the_method_waits(bool waits)
    {
        var signal = new TaskCompletionSource();
        if (!waits)
            signal.SetResult();
        var adding = AddAsync(1, 2, signal.Task);
        Assert.Equal(!waits, adding.IsCompleted);
        signal.TrySetResult();

        Assert.Equal(3, await adding);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_arrives_whether_or_not_the_method_waits(bool waits)
    {
        var signal = new TaskCompletionSource();
        if (!waits)
            signal.SetResult();
        var failing = FailAsync(signal.Task);
        signal.TrySetResult();

        Assert.Equal("no", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await failing)).Message);
    }

    [Fact]
    public async Task What_is_kept_is_used_for_other_calls_and_mixes_nothing_up()
    {
        for (var round = 0; round < 10; round++)
        {
            var signals = Enumerable.Range(0, 300).Select(_ => new TaskCompletionSource()).ToArray();
            var adding = signals.Select((signal, i) => AddAsync(i, round, signal.Task).AsTask()).ToArray();
            foreach (var signal in signals.Reverse())
                signal.SetResult();

            Assert.Equal(Enumerable.Range(0, 300).Select(i => i + round), await Task.WhenAll(adding));
        }
    }

    [Fact]
    public async Task The_context_of_the_call_is_that_of_what_follows()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Local.Value = 1;
        var reading = ReadLocalAsync(signal.Task);
        Local.Value = 2;
        await Task.Run(signal.SetResult, TestContext.Current.CancellationToken);

        Assert.Equal(1, await reading);
        Assert.Equal(2, Local.Value);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> AddAsync(int a, int b, Task signal)
    {
        await signal;
        return a + b;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private static async ValueTask FailAsync(Task signal)
    {
        await signal;
        throw new InvalidOperationException("no");
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private static async ValueTask<int> ReadLocalAsync(Task signal)
    {
        await signal;
        return Local.Value;
    }
}
