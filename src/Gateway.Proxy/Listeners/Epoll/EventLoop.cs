using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>Works on the thread of a loop.</summary>
internal interface ILoopWorker
{
    /// <summary>Its work there has thrown: it ends, and nobody else.</summary>
    void Fail(Exception exception);
}

/// <summary>Hears of events on the thread of the loop that it was added to.</summary>
internal interface IEventHandler : ILoopWorker
{
    void OnEvents(EpollEvents events);
}

/// <summary>
/// A thread that waits for descriptors to become ready (<c>epoll</c>(7)) and tells their handlers. What handlers own is
/// touched on this thread only; other threads <see cref="Post"/>. A handler gets its turn and gives way: what it has left
/// to do it posts, behind everybody else's events. There is no end to a loop, as there is none to the thread pool.
/// </summary>
internal sealed class EventLoop
{
    private const int EventsPerTurn = 256;

    [ThreadStatic]
    private static EventLoop? _current;

    private static readonly Lazy<EventLoop[]> LazyAll = new(() => [.. Enumerable.Range(0, Environment.ProcessorCount).Select(number => new EventLoop(number))]);

    private readonly Descriptor _epoll = Libc.EpollCreate(Libc.CloseOnExec);
    private readonly Descriptor _wake = Libc.EventCounter(0, Libc.CloseOnExec | Libc.NonBlocking);
    private readonly ConcurrentQueue<(Action<object> Work, object State)> _posted = new();
    private readonly Stack<int> _freeSlots = new();
    private (IEventHandler? Handler, uint Generation)[] _slots = new (IEventHandler?, uint)[64];
    private int _usedSlots = 1; // The first is that of the wake-up.
    private int _asleep;
    private int _load;

    public EventLoop(int number)
    {
        if (_epoll.IsInvalid || _wake.IsInvalid)
            throw new IOException($"No event loop: {Libc.ErrorMessage}.");
        Number = number;
        Buffers = new BufferPool(this);
        Control(Libc.AddToEpoll, _wake, EpollEvents.Readable | EpollEvents.EdgeTriggered, data: 0);
        new Thread(Run) { IsBackground = true, Name = "event loop " + number.ToString(CultureInfo.InvariantCulture) }.UnsafeStart();
    }

    /// <summary>The loops of this process: one for each core.</summary>
    public static EventLoop[] All => LazyAll.Value;

    /// <summary>Its place in <see cref="All"/>.</summary>
    public int Number { get; }

    public bool IsCurrent => _current == this;

    public BufferPool Buffers { get; }

    /// <summary>Counts the rounds: in each, everybody has had a turn.</summary>
    public long Round { get; private set; }

    /// <summary>How many connections were given to this loop and are still open.</summary>
    public int Load => Volatile.Read(ref _load);

    public void AddLoad(int change) => Interlocked.Add(ref _load, change);

    /// <summary>Has <paramref name="work"/> done on the loop's thread, after what is being done there.</summary>
    public void Post(Action<object> work, object state)
    {
        _posted.Enqueue((work, state));
        if (Interlocked.Exchange(ref _asleep, 0) == 1)
            Wake();
    }

    /// <summary>What follows <c>await loop.Switch()</c> runs on the loop's thread.</summary>
    public LoopSwitch Switch() => new(this);

    /// <summary>From now on <paramref name="handler"/> hears of events of <paramref name="descriptor"/>; on the loop's thread.</summary>
    /// <returns>What <see cref="Forget"/> takes.</returns>
    /// <exception cref="IOException">The kernel has no room for one more.</exception>
    public ulong Add(IEventHandler handler, SafeHandle descriptor, EpollEvents events)
    {
        if (!_freeSlots.TryPop(out var slot))
            slot = _usedSlots++;
        if (slot == _slots.Length)
            Array.Resize(ref _slots, slot * 2);
        var key = ((ulong)_slots[slot].Generation << 32) | (uint)slot;
        if (!Control(Libc.AddToEpoll, descriptor, events, key))
        {
            _freeSlots.Push(slot);
            throw new IOException($"Not added to the event loop: {Libc.ErrorMessage}.");
        }
        _slots[slot].Handler = handler;
        return key;
    }

    /// <summary>
    /// The handler hears nothing any more, not even of events that the kernel has told of already. The kernel
    /// itself forgets a descriptor when it is closed.
    /// </summary>
    public void Forget(ulong key)
    {
        var slot = (int)(uint)key;
        _slots[slot] = (null, _slots[slot].Generation + 1);
        _freeSlots.Push(slot);
    }

    /// <summary>From now on the handler hears of these events.</summary>
    public void Change(ulong key, SafeHandle descriptor, EpollEvents events) => Control(Libc.ChangeInEpoll, descriptor, events, key);

    private unsafe bool Control(int operation, SafeHandle descriptor, EpollEvents events, ulong data)
    {
        var change = stackalloc byte[EpollEventLayout.Current.Size];
        EpollEventLayout.Current.Write(new Span<byte>(change, EpollEventLayout.Current.Size), events, data);
        return Libc.EpollControl(_epoll, operation, descriptor, change) == 0;
    }

    private unsafe void Wake()
    {
        var one = 1ul; // Never read: an edge comes with each.
        Libc.Write(_wake, &one, sizeof(ulong));
    }

    [DoesNotReturn]
    private unsafe void Run()
    {
        _current = this;
        var layout = EpollEventLayout.Current;
        var events = stackalloc byte[EventsPerTurn * layout.Size];
        while (true)
        {
            // In this order: who posts afterwards sees that it has to wake the loop.
            Interlocked.Exchange(ref _asleep, 1);
            var count = Libc.EpollWait(_epoll, events, EventsPerTurn, _posted.IsEmpty ? Timeout.Infinite : 0);
            Interlocked.Exchange(ref _asleep, 0);
            Round++;
            for (var i = 0; i < count; i++)
            {
                var (ready, key) = layout.Read(new ReadOnlySpan<byte>(events + i * layout.Size, layout.Size));
                ref var slot = ref _slots[(uint)key];
                if (slot.Generation == key >> 32 && slot.Handler is { } handler)
                    Tell(handler, ready);
            }
            // No more than there are: what these post comes after the next events.
            for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var posted); left--)
                Do(posted.Work, posted.State);
        }
    }

#pragma warning disable CA1031 // An exception that ended the thread would end the process with it.
    private static void Tell(IEventHandler handler, EpollEvents events)
    {
        try
        {
            handler.OnEvents(events);
        }
        catch (Exception exception)
        {
            handler.Fail(exception);
        }
    }

    private static void Do(Action<object> work, object state)
    {
        try
        {
            work(state);
        }
        catch (Exception exception)
        {
            (state as ILoopWorker)?.Fail(exception);
        }
    }
#pragma warning restore CA1031

    /// <summary>Awaited to go on on the loop's thread.</summary>
    public readonly struct LoopSwitch(EventLoop loop) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => loop.IsCurrent;

        public LoopSwitch GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => loop.Post(static action => ((Action)action)(), continuation);
    }
}
