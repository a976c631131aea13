using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// A client's socket in an event loop: what comes in and what goes out as a pair of pipes without pipes between, and the
/// ways to end. Events are taken on the loop's thread; the pipes may be used on any, each by one user at a time.
/// </summary>
internal sealed class EpollSocket : IEventHandler, IDuplexPipe
{
    /// <summary>All that is ever waited for: to ask for one at a time would cost a system call each time.</summary>
    public const EpollEvents Events = EpollEvents.Readable | EpollEvents.Writable | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered;

    /// <summary>What one socket may move in one round before others have their turn.</summary>
    private const int BytesPerRound = 256 * 1024;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>A client that has ended its side, and is sent nothing for so many ticks, is taken for gone.</summary>
    private const int QuietTicks = 5;

    /// <summary>So it is sooner where the end was read, since whoever has read it goes on only for an upgraded connection.</summary>
    private const int QuietTicksAfterEnd = 1;

    /// <summary>As nginx's <c>lingering_timeout</c> and <c>lingering_time</c>.</summary>
    private const int QuietLingerTicks = 5;
    private const int LingerTicks = 30;

    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private readonly TimeProvider _time;
    private readonly Action _broken;
    private ulong? _key;
    private TaskCompletionSource? _closing;
    private ITimer? _timer;
    private volatile Exception? _fault;
    private State _state;
    private bool _isEnded;
    private long _discarded;
    private long _progress;
    private int _quietTicks;
    private int _lingerTicks;
    private long _round;
    private int _moved;

    /// <summary>Takes a connected socket over.</summary>
    /// <param name="loop">Where it lives from now on.</param>
    /// <param name="descriptor">The socket, which does not block.</param>
    /// <param name="time">Times the lingering.</param>
    /// <param name="broken">Is told, once, that the connection can no longer be used.</param>
    public EpollSocket(EventLoop loop, Descriptor descriptor, TimeProvider time, Action broken)
    {
        (Loop, Descriptor, _time, _broken) = (loop, descriptor, time, broken);
        _reader = new SocketReader(this);
        _writer = new SocketWriter(this);
    }

    private enum State
    {
        Open,

        /// <summary>The rest is being sent.</summary>
        Closing,

        /// <summary>All is sent; what the peer still sends is thrown away, until it has read to the end.</summary>
        Lingering,
        Closed,
    }

    public EventLoop Loop { get; }

    public Descriptor Descriptor { get; }

    public PipeReader Input => _reader;

    public PipeWriter Output => _writer;

    /// <summary>Why the connection can no longer be used.</summary>
    public Exception? Fault => _fault;

    /// <summary>Whether the socket still has its turn in this round of the loop.</summary>
    public bool HasTurn => _moved < BytesPerRound || _round != Loop.Round;

    /// <summary>Counts towards what one socket may move in a round; on the loop's thread.</summary>
    public void Moved(int bytes)
    {
        if (_round != Loop.Round)
            (_round, _moved) = (Loop.Round, 0);
        _moved += bytes;
    }

    /// <summary>Lets events come. On any thread, before anything else.</summary>
    public void Start()
    {
        if (Loop.IsCurrent)
            Add();
        else
            Loop.Post(static socket => ((EpollSocket)socket).Add(), this);
    }

    public void Fail(Exception exception) => Abort(exception);

    public void OnEvents(EpollEvents events)
    {
        if (_state == State.Lingering)
        {
            Discard();
            return;
        }
        // A client that has reset the connection takes no answer any more.
        if ((events & EpollEvents.Error) != 0)
            Break(new ConnectionResetException("The peer has reset the connection."));
        if ((events & EpollEvents.Writable) != 0)
            _writer.OnWritable();
        if ((events & ~EpollEvents.Writable) == 0 || _state == State.Closed)
            return;
        var ending = (events & (EpollEvents.PeerEnded | EpollEvents.BothEnded | EpollEvents.Error)) != 0;
        _reader.OnReadable(ending);
        // A client that has closed cannot be told from one that has ended its side alone, and waits for its answer.
        if (ending && _state == State.Open)
            StartTicking();
    }

    /// <summary>
    /// From now on reads and writes fail, those that wait as well. The descriptor stays open until it is closed or aborted.
    /// On any thread.
    /// </summary>
    public void Break(Exception fault)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is null)
            Loop.Post(static socket => ((EpollSocket)socket).OnBroken(), this);
    }

    /// <summary>Ends the connection at once, with a reset (RFC 9293 3.5.2), and what waits with it. On any thread.</summary>
    public void Abort(Exception reason)
    {
        Interlocked.CompareExchange(ref _fault, reason, null);
        if (Loop.IsCurrent)
            Reset();
        else
            Loop.Post(static socket => ((EpollSocket)socket).Reset(), this);
    }

    /// <summary>
    /// Ends the connection in good order: the rest is sent, the peer told, and the socket closed when the peer has closed
    /// too, or has had time to; closing it earlier would, with data of the peer unread, reset the connection and lose it what is sent
    /// but not read (RFC 9112 9.6). On any thread. Completes when all is sent.
    /// </summary>
    public Task CloseAsync()
    {
        _reader.Complete();
        _writer.Complete();
        if (Loop.IsCurrent)
        {
            Close();
            if (_state != State.Closing)
                return Task.CompletedTask;
        }
        var closing = _closing ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Loop.IsCurrent)
            Loop.Post(static socket => ((EpollSocket)socket).Close(), this);
        return closing.Task;
    }

    /// <summary>All that was written has been sent, and nothing more will be written; on the loop's thread.</summary>
    public void OnAllSent()
    {
        if (_state == State.Closing)
            Linger();
        else if (_state == State.Open)
            End();
    }

    private void End()
    {
        if (!_isEnded)
            Libc.Shutdown(Descriptor, Libc.ShutdownWrite);
        _isEnded = true;
    }

    private void Add()
    {
        try
        {
            _key = Loop.Add(this, Descriptor, Events);
        }
        catch (IOException exception)
        {
            Break(exception);
        }
    }

    private void OnBroken()
    {
        _reader.OnBroken();
        _writer.OnBroken();
        _broken();
        if (_state == State.Closing)
            Release();
    }

    private unsafe void Reset()
    {
        if (_state == State.Closed)
            return;
        var linger = stackalloc int[] { 1, 0 };
        Libc.SetOption(Descriptor, Libc.SocketLevel, Libc.Linger, linger, 2 * sizeof(int));
        Release();
        OnBroken();
    }

    private void Close()
    {
        if (_state == State.Open)
        {
            _state = State.Closing;
            if (_fault is not null)
                Release();
            else
                _writer.Finish();
        }
        if (_state != State.Closing)
            _closing?.TrySetResult();
    }

    private void Linger()
    {
        if (_reader.HasEnded)
        {
            Release();
            return;
        }
        _state = State.Lingering;
        _closing?.TrySetResult();
        End();
        if (_reader.MayHaveMore)
            Discard();
        if (_state != State.Lingering)
            return;
        (_progress, _quietTicks) = (0, 0);
        StartTicking();
    }

    private void StartTicking() => _timer ??= _time.CreateTimer(
        static socket => ((EpollSocket)socket!).Loop.Post(static socket => ((EpollSocket)socket).OnTick(), socket), this, Tick, Tick);

    private void OnTick()
    {
        var progress = _state == State.Lingering ? _discarded : _writer.Progress;
        _quietTicks = progress == _progress ? _quietTicks + 1 : 0;
        _progress = progress;
        switch (_state)
        {
            case State.Open when _quietTicks >= (_reader.HasEnded ? QuietTicksAfterEnd : QuietTicks) && !_writer.IsWaiting:
                _broken();
                break;
            case State.Lingering when _quietTicks >= QuietLingerTicks || ++_lingerTicks >= LingerTicks:
                Release();
                break;
        }
    }

    private unsafe void Discard()
    {
        while (HasTurn)
        {
            var count = Libc.Receive(Descriptor, null, BytesPerRound, Libc.Discard);
            if (count <= 0)
            {
                if (count == 0 || Libc.Error is not (Libc.TryAgainError or Libc.InterruptedError))
                    Release();
                return;
            }
            _discarded += count;
            Moved((int)count);
        }
        Loop.Post(static socket => ((EpollSocket)socket).OnEvents(EpollEvents.Readable), this);
    }

    private void Release()
    {
        if (_state == State.Closed)
            return;
        _state = State.Closed;
        Interlocked.CompareExchange(ref _fault, new ConnectionAbortedException("The connection is closed."), null);
        _timer?.Dispose();
        if (_key is { } key)
            Loop.Forget(key);
        Descriptor.Dispose();
        _closing?.TrySetResult();
    }
}
