using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Gateway.Benchmarks.Comparison.Sockets;

/// <summary>
/// One thread that serves many sockets. Load generator and backend can share it, which takes less of their core than
/// two processes would: no switch between them, and one wait for both.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly Epoll _epoll = new();
    private readonly Dictionary<int, IReady> _sockets = [];
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Thread _thread;
    private volatile bool _stopped;

    public EventLoop()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "event loop" };
        _thread.Start();
    }

    /// <summary>What keeps time: asked after each round of events. Set and cleared on the loop.</summary>
    public IClocked? Clocked { get; set; }

    /// <summary>Lets the loop's thread do something, within 10 ms.</summary>
    public void Post(Action work) => _posted.Enqueue(work);

    /// <summary>Calls <paramref name="ready"/> whenever the socket can be read. On the loop.</summary>
    public void Add(Socket socket, IReady ready)
    {
        var descriptor = (int)socket.Handle;
        _sockets[descriptor] = ready;
        _epoll.Add(descriptor);
    }

    /// <summary>Closes a socket. On the loop.</summary>
    public void Close(Socket socket)
    {
        _sockets.Remove((int)socket.Handle);
        socket.Dispose();
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _epoll.Dispose();
    }

    private void Run()
    {
        while (!_stopped)
        {
            var wait = Patience;
            if (Clocked is { } clocked && clocked.Tick(Stopwatch.GetTimestamp()) is var pause && pause < wait)
                wait = pause;
            var count = _epoll.Wait(wait);
            for (var i = 0; i < count; i++)
            {
                // One that an earlier event of this round closed is gone.
                if (_sockets.TryGetValue(_epoll.Ready(i), out var ready))
                    ready.OnReady();
            }
            while (_posted.TryDequeue(out var work))
                work();
        }
    }
}

/// <summary>What is done with a socket.</summary>
internal interface IReady
{
    /// <summary>It can be read, or it has ended.</summary>
    void OnReady();
}

/// <summary>Something that happens at certain times.</summary>
internal interface IClocked
{
    /// <summary>Does what is due at <paramref name="now"/> (a timestamp of <see cref="Stopwatch"/>). Returns how long there is nothing more to do.</summary>
    TimeSpan Tick(long now);
}
