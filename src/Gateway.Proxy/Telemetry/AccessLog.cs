using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gateway.Proxy.Telemetry;

/// <summary>
/// Writes a line for each exchange. Requests format it into the page that their processor's slot holds, taken out and put
/// back by one exchange of references, so that none waits for another; a thread of its own writes full pages, and whatever
/// there is five times a second. Where that cannot keep up, lines are lost, counted and reported: requests never wait for it.
/// </summary>
internal sealed partial class AccessLog : IDisposable
{
    private const int MostPages = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly LogPage?[] _slots = new LogPage?[Environment.ProcessorCount * SlotSpacing];
    private readonly ConcurrentQueue<LogPage> _full = new();
    private readonly ConcurrentQueue<LogPage> _free = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly LogClock _clock;
    private readonly ILogger _logger;
    private readonly Thread _writer;
    private int _pages;
    private long _lost;
    private long _reported;
    private string? _failure;
    private volatile bool _ends;

    /// <summary>References in a cache line: neighbouring slots are written by different processors.</summary>
    private const int SlotSpacing = 8;

    public AccessLog(Stream? standardOutput, TimeProvider time, ILogger logger)
    {
        (Output, _clock, _logger) = (new AccessLogOutput(standardOutput), new LogClock(time), logger);
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "access log" };
        _writer.Start();
    }

    /// <summary>Where it goes.</summary>
    public AccessLogOutput Output { get; }

    /// <summary>How many lines could not be written.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Writes the line of <paramref name="exchange"/>, which is over.</summary>
    public void Add(Exchange exchange)
    {
        ref var slot = ref _slots[Thread.GetCurrentProcessorId() * SlotSpacing % _slots.Length];
        var page = Interlocked.Exchange(ref slot, null) ?? Take();
        if (page is not null && !page.TryAppend(exchange, _clock))
        {
            HandOver(page);
            page = Take();
            page?.TryAppend(exchange, _clock);
        }
        if (page is null)
        {
            Interlocked.Increment(ref _lost);
            return;
        }
        // Another thread may have run on this processor meanwhile.
        if (Interlocked.Exchange(ref slot, page) is { } other)
            HandOver(other);
    }

    private LogPage? Take()
    {
        if (_free.TryDequeue(out var page))
            return page;
        if (Interlocked.Increment(ref _pages) <= MostPages)
            return new LogPage();
        Interlocked.Decrement(ref _pages);
        return null;
    }

    private void HandOver(LogPage page)
    {
        _full.Enqueue(page);
        _wake.Set();
    }

    private void WriteAll()
    {
        bool ends;
        do
        {
            _wake.WaitOne(Interval);
            ends = _ends;
            while (_full.TryDequeue(out var page))
                Write(page);
            for (var i = 0; i < _slots.Length; i += SlotSpacing)
            {
                if (Interlocked.Exchange(ref _slots[i], null) is { } page)
                    Write(page);
            }
            Report();
        }
        while (!ends);
    }

    private void Write(LogPage page)
    {
        try
        {
            Output.Write(page.Bytes);
            _failure = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ObjectDisposedException)
        {
            Interlocked.Add(ref _lost, page.Lines);
            if (_failure != e.Message)
                Log.CannotWrite(_logger, Output.Path ?? "standard output", e.Message);
            _failure = e.Message;
        }
        page.Clear();
        _free.Enqueue(page);
    }

    private void Report()
    {
        var lost = Lost;
        if (lost == _reported || _failure is not null)
            return;
        Log.LinesLost(_logger, lost - _reported, lost);
        _reported = lost;
    }

    /// <summary>Writes what there is, unless the other end does not take it.</summary>
    public void Dispose()
    {
        _ends = true;
        _wake.Set();
        if (_writer.Join(TimeSpan.FromSeconds(1)))
            _wake.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The access log cannot be written to {Output} ({Cause}); its lines are lost until it can. Make it writable, or name another file by access-log-path.")]
        public static partial void CannotWrite(ILogger logger, string output, string cause);

        [LoggerMessage(2, LogLevel.Warning, "{Count} lines of the access log were lost ({Total} since the start): they came faster than they could be written.")]
        public static partial void LinesLost(ILogger logger, long count, long total);
    }
}
