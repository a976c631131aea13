using System.Collections.Concurrent;
using System.Text;

namespace Gateway.Testing.ApiServer;

/// <summary>What can go wrong with an API server, switchable while it runs. All members may be used from any thread.</summary>
public sealed class Faults
{
    private readonly ConcurrentDictionary<OpenWatch, byte> _watches = [];
    private readonly ConcurrentDictionary<string, byte> _forbidden = [];
    private readonly List<(ApiStatus Answer, string? Resource, int? Page)> _answers = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource? _frozen;
    private int _opened;

    /// <summary>How many watches are open.</summary>
    public int OpenWatches => _watches.Count;

    /// <summary>How many watches were opened since the start. One whose client has gone counts as open until that is noticed.</summary>
    public int OpenedWatches => Volatile.Read(ref _opened);

    /// <summary>Called before a request is handled, to make something happen just then, or to hold the answer back.</summary>
    public Func<ApiCall, Task>? Before { get; set; }

    /// <summary>New watches are answered with HTTP 410.</summary>
    public bool GoneOnWatch { get; set; }

    /// <summary>New watches are answered with 200 and an ERROR event with code 410.</summary>
    public bool GoneInStream { get; set; }

    /// <summary>Continue tokens are answered with 410 and a token for the inconsistent rest.</summary>
    public bool ExpireContinue { get; set; }

    /// <summary>Half open: watches send nothing, not even their end, while their connections stay. Switched off, all that was held back is sent.</summary>
    public bool FreezeWatches
    {
        get => _frozen is not null;
        set
        {
            lock (_gate)
            {
                if (value)
                {
                    _frozen ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
                else
                {
                    _frozen?.TrySetResult();
                    _frozen = null;
                }
            }
        }
    }

    /// <summary>Closes the connections of all open watches in the middle, without the end of the body. What counts as open afterwards is new.</summary>
    public void CutWatches() => Each(null, watch =>
    {
        _watches.TryRemove(watch, out _);
        watch.CutOff();
    });

    /// <summary>Ends all open watches as their timeoutSeconds would.</summary>
    public void EndWatches() => Each(null, watch => watch.End());

    /// <summary>Sends a line of any text as if it were an event.</summary>
    /// <param name="text">The line without its end.</param>
    /// <param name="resource">Only to watches of this plural.</param>
    public void GarbageEvent(string text, string? resource = null)
    {
        var line = Encoding.UTF8.GetBytes(text + "\n");
        Each(resource, watch => watch.Inject(line));
    }

    /// <summary>Makes one page of a LIST fail, once.</summary>
    /// <param name="page">The page's number, from 1.</param>
    /// <param name="status">The HTTP status; 0 cuts the connection in the middle of the body.</param>
    /// <param name="resource">Only LISTs of this plural.</param>
    public void FailPage(int page, int status, string? resource = null) => Enqueue(Failure(status), 1, resource, page);

    /// <summary>Makes one page of a LIST stop in the middle of its body, once, while its connection stays.</summary>
    /// <param name="page">The page's number, from 1.</param>
    /// <param name="resource">Only LISTs of this plural.</param>
    public void FreezePage(int page, string? resource = null) => Enqueue(Failure(ApiStatus.Frozen), 1, resource, page);

    /// <summary>Answers the next requests with an error.</summary>
    /// <param name="status">The HTTP status, such as 500 or 504.</param>
    /// <param name="requests">How many requests.</param>
    /// <param name="resource">Only requests for this plural, or plural/subresource.</param>
    public void Fail(int status, int requests = 1, string? resource = null) => Enqueue(Failure(status), requests, resource);

    /// <summary>Answers the next requests with 429.</summary>
    /// <param name="retryAfter">Retry-After, in seconds.</param>
    /// <param name="requests">How many requests.</param>
    /// <param name="resource">Only requests for this plural, or plural/subresource.</param>
    public void TooManyRequests(int retryAfter, int requests = 1, string? resource = null) =>
        Enqueue(ApiStatus.TooManyRequests(retryAfter), requests, resource);

    /// <summary>Answers every request for a plural (or plural/subresource) with 403, as missing RBAC rules do. Open watches go on.</summary>
    public void Forbid(string resource) => _forbidden[resource] = 0;

    /// <summary>Takes <see cref="Forbid"/> back.</summary>
    public void Allow(string resource) => _forbidden.TryRemove(resource, out _);

    internal bool Forbids(ApiCall call) => _forbidden.ContainsKey(call.Target);

    internal OpenWatch Open(string resource, CancellationToken connection)
    {
        var watch = new OpenWatch(resource, connection);
        _watches[watch] = 0;
        Interlocked.Increment(ref _opened);
        return watch;
    }

    internal void Close(OpenWatch watch)
    {
        _watches.TryRemove(watch, out _);
        watch.Dispose();
    }

    internal Task ThawedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _frozen?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }

    /// <exception cref="ApiStatus">The next answer is to be an error.</exception>
    internal void OnRequest(ApiCall call) => ThrowNext(call.Target, null);

    /// <exception cref="ApiStatus">This page is to fail.</exception>
    internal void OnPage(ResourceType type, int page) => ThrowNext(type.Plural, page);

    private void ThrowNext(string target, int? page)
    {
        lock (_gate)
        {
            var index = _answers.FindIndex(answer => answer.Page == page && (answer.Resource ?? target) == target);
            if (index < 0)
                return;
            var next = _answers[index].Answer;
            _answers.RemoveAt(index);
            throw next;
        }
    }

    private static ApiStatus Failure(int status) => new(status, status == 504 ? "Timeout" : "InternalError", $"failure {status} on demand", []);

    private void Enqueue(ApiStatus answer, int requests, string? resource, int? page = null)
    {
        lock (_gate)
            _answers.AddRange(Enumerable.Repeat((answer, resource, page), requests));
    }

    private void Each(string? resource, Action<OpenWatch> action)
    {
        foreach (var watch in _watches.Keys)
        {
            if (resource is null || watch.Resource == resource)
                action(watch);
        }
    }
}
