using Gateway.Proxy.Listeners.Epoll;

namespace Gateway.Proxy.Tests.Listeners.Epoll;

public sealed class EventLoopTests
{
    private readonly EventLoop _loop = new(0);

    [Fact]
    public async Task What_is_posted_runs_on_the_loops_thread_in_order()
    {
        var seen = new List<int>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 10_000; i++)
        {
            _loop.Post(number => seen.Add(_loop.IsCurrent ? (int)number : -1), i);
            if (i % 100 == 0)
                await Task.Yield(); // So that it falls asleep in between.
        }
        _loop.Post(_ => done.SetResult(), this);

        await done.Task.WaitAsync(Port.Deadline);
        Assert.Equal(Enumerable.Range(0, 10_000), seen);
    }

    [Fact]
    public async Task Work_that_posts_itself_again_and_again_lets_others_have_their_turn()
    {
        await using var port = await Port.OpenAsync(loops: [_loop]);
        var stopped = false;
        void Again(object _)
        {
            if (!Volatile.Read(ref stopped))
                _loop.Post(Again, this);
        }
        _loop.Post(Again, this);

        var (client, server) = await port.PairAsync();
        using var disposed = client;
        await client.SendAllAsync("x"u8.ToArray());

        Assert.Equal("x"u8.ToArray(), await server.Transport.Input.ReadAsync(1));
        Volatile.Write(ref stopped, true);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Work_that_throws_ends_whoever_it_was_done_for_and_nobody_else()
    {
        var worker = new Worker();
        _loop.Post(static _ => throw new InvalidOperationException("thrown"), worker);
        _loop.Post(static _ => throw new InvalidOperationException("by nobody"), this);

        Assert.Equal("thrown", (await worker.Failed.Task.WaitAsync(Port.Deadline)).Message);
        await _loop.Switch();
        Assert.True(_loop.IsCurrent);
    }

    private sealed class Worker : ILoopWorker
    {
        public TaskCompletionSource<Exception> Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail(Exception exception) => Failed.SetResult(exception);
    }

    [Fact]
    public async Task Switching_goes_on_on_the_loops_thread()
    {
        Assert.False(_loop.IsCurrent);
        await _loop.Switch();
        Assert.True(_loop.IsCurrent);
        await _loop.Switch();
        Assert.True(_loop.IsCurrent);
        await Task.Yield();
        Assert.False(_loop.IsCurrent);
    }
}
