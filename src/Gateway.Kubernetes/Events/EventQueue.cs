using System.Threading.Channels;
using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Events;

/// <summary>
/// What waits to be told: by rank, and within a rank one occurrence of each object in turn, so that an object with much to be
/// told of keeps no other waiting. Safe on any thread.
/// </summary>
internal sealed class EventQueue(EventOptions options)
{
    private const int Ranks = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Rank, ResourceKey Subject), List<Occurrence>> _waiting = [];
    private readonly Queue<ResourceKey>[] _turns = [.. Enumerable.Range(0, Ranks).Select(_ => new Queue<ResourceKey>())];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _count;

    /// <summary>Has something to read when something may wait.</summary>
    public ChannelReader<bool> Signal => _signal.Reader;

    /// <summary>Puts <paramref name="occurrence"/> in; false: there is no room.</summary>
    /// <param name="occurrence">What is to be told.</param>
    /// <param name="isNew">Whether it has just happened, rather than being repeated by a new leader.</param>
    public bool TryAdd(Occurrence occurrence, bool isNew)
    {
        // Thousands of Ingresses that are taken up must not crowd out what is wrong, nor old tidings new ones.
        var room = occurrence.IsWarning ? 2 * options.QueueLength : options.QueueLength;
        var rank = (occurrence.IsWarning ? 0 : 1) + (isNew ? 0 : 2);
        var key = (rank, occurrence.Subject);
        lock (_gate)
        {
            if (_count >= room)
                return false;
            if (!_waiting.TryGetValue(key, out var share))
            {
                _waiting.Add(key, share = []);
                _turns[rank].Enqueue(occurrence.Subject);
            }
            if (share.Count >= options.Share)
                return false;
            share.Add(occurrence);
            _count++;
        }
        _signal.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Takes out what holds no more, wherever it waits.</summary>
    public void Remove(Occurrence occurrence)
    {
        lock (_gate)
        {
            for (var rank = 0; rank < Ranks; rank++)
            {
                if (_waiting.TryGetValue((rank, occurrence.Subject), out var share))
                    _count -= share.RemoveAll(waiting => waiting == occurrence);
            }
        }
    }

    /// <summary>Takes out what is to be told next; null: nothing waits.</summary>
    public Occurrence? Take()
    {
        lock (_gate)
        {
            for (var rank = 0; rank < Ranks; rank++)
            {
                while (_turns[rank].TryDequeue(out var subject))
                {
                    var share = _waiting[(rank, subject)];
                    if (share.Count == 0)
                    {
                        _waiting.Remove((rank, subject));
                        continue;
                    }
                    var next = share[0];
                    share.RemoveAt(0);
                    _count--;
                    _turns[rank].Enqueue(subject);
                    return next;
                }
            }
            _signal.Reader.TryRead(out _);
            return null;
        }
    }

    /// <summary>Takes everything out.</summary>
    public void Clear()
    {
        while (Take() is not null)
        {
        }
    }
}
