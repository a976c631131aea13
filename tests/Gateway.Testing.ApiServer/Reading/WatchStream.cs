using Gateway.Testing.ApiServer.Storage;
using Microsoft.AspNetCore.Http;

namespace Gateway.Testing.ApiServer.Reading;

/// <summary>WATCH: one response that carries a line for every change, until it is cut, ended or timed out.</summary>
internal sealed class WatchStream(
    HttpContext http, ObjectStore store, ApiServerOptions server, Faults faults, OpenWatch open,
    ResourceType type, Selector selector, ReadOptions options, bool metadataOnly)
{
    /// <summary>A real server flushes so many bytes at a time, so that chunks end in the middle of lines.</summary>
    private const int ChunkSize = 2048;

    /// <summary>How long before its end by timeoutSeconds a watch gets a bookmark.</summary>
    private const long LastBookmarkSeconds = 2;

    private readonly List<byte[]> _lines = [];
    private long _sent;
    private Task _next = Task.CompletedTask;

    public async Task RunAsync()
    {
        // Before the client knows of the watch, so that a test's clock can be moved as soon as it does.
        var end = Delay(options.Timeout is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        var lastBookmark = Delay(options is { Bookmarks: true, Timeout: > LastBookmarkSeconds } ? TimeSpan.FromSeconds(options.Timeout.Value - LastBookmarkSeconds) : null);
        var bookmark = BookmarkDelay();
        http.Response.ContentType = "application/json";
        await http.Response.StartAsync(open.Cut);
        await http.Response.Body.FlushAsync(open.Cut);
        try
        {
            Start();
            await FollowAsync(end, lastBookmark, bookmark);
            await faults.ThawedAsync(open.Cut);
        }
        catch (ApiStatus gone)
        {
            _lines.Add(Wire.Error(gone));
            await SendAsync();
        }
    }

    private void Start()
    {
        if (faults.GoneInStream)
            throw ApiStatus.TooOld(options.Revision ?? 0, store.Revision + 1);
        if (options.InitialEvents is true && options.Revision > store.Revision)
            throw ApiStatus.TooLarge(options.Revision.Value, store.Revision);
        _sent = options.Revision ?? 0;
        if (options.InitialEvents ?? _sent == 0)
        {
            (var items, _sent) = store.Newest(type);
            _lines.AddRange(items.Values.Where(selector.Matches).Select(stored => Wire.Line(WatchEventType.ADDED, stored, metadataOnly)));
            if (options.Bookmarks)
                _lines.Add(Wire.Bookmark(type, _sent, metadataOnly, initialEnd: true));
        }
        else if (_sent == 0)
        {
            _sent = store.Revision;
        }
        Collect();
    }

    private async Task FollowAsync(Task end, Task lastBookmark, Task bookmark)
    {
        var injected = open.Injected.WaitToReadAsync(open.Cut).AsTask();
        while (true)
        {
            await SendAsync();
            var first = await Task.WhenAny(_next, end, lastBookmark, bookmark, injected);
            await first;
            if (first == end)
                return;
            if (first == _next)
            {
                Collect();
            }
            else if (first == injected)
            {
                if (!await injected)
                    return;
                while (open.Injected.TryRead(out var line))
                    _lines.Add(line);
                injected = open.Injected.WaitToReadAsync(open.Cut).AsTask();
            }
            else
            {
                Collect();
                // Held back while the watch waits for a version in the future.
                if (options.Revision is null || options.Revision <= store.Revision)
                    _lines.Add(Wire.Bookmark(type, _sent, metadataOnly, initialEnd: false));
                if (first == bookmark)
                    bookmark = BookmarkDelay();
                else
                    lastBookmark = Delay(null);
            }
        }
    }

    private void Collect()
    {
        (var changes, var revision, _next) = store.ReadAfter(type, _sent);
        foreach (var change in changes)
        {
            var (was, now) = (selector.Matches(change.Before), selector.Matches(change.After));
            if (now)
                _lines.Add(change.Line(was ? WatchEventType.MODIFIED : WatchEventType.ADDED, metadataOnly));
            else if (was)
                _lines.Add(change.Line(WatchEventType.DELETED, metadataOnly));
        }
        _sent = Math.Max(_sent, revision);
    }

    private async Task SendAsync()
    {
        if (_lines.Count == 0)
            return;
        await faults.ThawedAsync(open.Cut);
        using var buffer = new MemoryStream();
        foreach (var line in _lines)
            buffer.Write(line);
        _lines.Clear();
        for (var rest = buffer.GetBuffer().AsMemory(0, (int)buffer.Length); rest.Length > 0; rest = rest[Math.Min(ChunkSize, rest.Length)..])
        {
            await http.Response.Body.WriteAsync(rest[..Math.Min(ChunkSize, rest.Length)], open.Cut);
            await http.Response.Body.FlushAsync(open.Cut);
        }
    }

    private Task BookmarkDelay() => Delay(options.Bookmarks ? server.BookmarkInterval : null);

    /// <summary>Null: never.</summary>
    private Task Delay(TimeSpan? time) => Task.Delay(time ?? Timeout.InfiniteTimeSpan, server.Time, open.Cut);
}
