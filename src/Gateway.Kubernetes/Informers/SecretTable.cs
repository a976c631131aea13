using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// Which Secrets exist, and the content of those that something names; of all others no more than the name is kept.
/// Certificates arrive with the watch; what the watch did not bring, or brought when nobody needed it, is read on its own.
/// </summary>
internal sealed class SecretTable(UpdateQueue updates)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectName, KnownSecret> _known = [];
    private readonly Dictionary<ObjectName, int> _needs = [];

    /// <summary>Filled by the watch of Secrets of type <c>kubernetes.io/tls</c>.</summary>
    public IObjectSink<Resource> Certificates => field ??= new CertificateSink(this);

    /// <summary>Filled by the watch of the metadata of all others; the value is the version.</summary>
    public IObjectSink<string> Others => field ??= new OtherSink(this);

    /// <summary>Called when a Secret has to be read; may be called again for one that is being read.</summary>
    public Action<ObjectName>? Wanted { get; set; }

    /// <summary>Something names these Secrets.</summary>
    public void Need(IEnumerable<ObjectName> names)
    {
        lock (_gate)
        {
            foreach (var name in names)
            {
                var count = _needs.GetValueOrDefault(name);
                _needs[name] = count + 1;
                if (count == 0 && _known.ContainsKey(name))
                    Wanted?.Invoke(name);
            }
        }
    }

    /// <summary>What named these Secrets does so no more: what nothing else names is forgotten.</summary>
    public void Release(IEnumerable<ObjectName> names)
    {
        lock (_gate)
        {
            foreach (var name in names)
            {
                if (--_needs[name] > 0)
                    continue;
                _needs.Remove(name);
                if (_known.TryGetValue(name, out var known))
                    HandOn(name, known, null);
            }
        }
    }

    /// <summary>The state of a Secret that is to be read, for <see cref="TryHandOn"/>; null: it need not be read any more.</summary>
    public long? Begin(ObjectName name)
    {
        lock (_gate)
            return _needs.ContainsKey(name) && _known.TryGetValue(name, out var known) ? known.Changes : null;
    }

    /// <summary>Takes what was read since <see cref="Begin"/>. False: the Secret changed meanwhile and has to be read again.</summary>
    public bool TryHandOn(ObjectName name, SecretResource secret, long begun)
    {
        lock (_gate)
        {
            if (!_needs.ContainsKey(name) || !_known.TryGetValue(name, out var known))
                return true;
            // A certificate that changed has come with the event.
            if (known.Changes != begun)
                return known.Content is not null && known.IsCertificate;
            HandOn(name, known, secret);
            return true;
        }
    }

    private KnownSecret Know(ObjectName name)
    {
        if (!_known.TryGetValue(name, out var known))
            _known.Add(name, known = new KnownSecret());
        return known;
    }

    private void Forget(ObjectName name, KnownSecret known)
    {
        // Made anew with another type, one watch may tell of it before the other tells that the old one is gone.
        if (known.IsCertificate || known.Version is not null)
            return;
        HandOn(name, known, null);
        _known.Remove(name);
    }

    private void HandOn(ObjectName name, KnownSecret known, SecretResource? content)
    {
        if (content is null ? known.Content is null : content.Equals(known.Content))
            return;
        known.Content = content;
        updates.Post(content is null ? ResourceChange.Delete(new ResourceKey(ResourceKind.Secret, name)) : ResourceChange.Upsert(content));
    }

    private sealed class KnownSecret
    {
        /// <summary>Whether the watch of certificates knows it.</summary>
        public bool IsCertificate { get; set; }

        /// <summary>The version that the watch of metadata knows, or null.</summary>
        public string? Version { get; set; }

        /// <summary>Counts what the watches told.</summary>
        public long Changes { get; set; }

        /// <summary>What has been handed on; null while nothing names it.</summary>
        public SecretResource? Content { get; set; }
    }

    private sealed class CertificateSink(SecretTable table) : IObjectSink<Resource>
    {
        public int Count { get; private set; }

        public IReadOnlyList<ObjectName> Names
        {
            get
            {
                lock (table._gate)
                    return [.. table._known.Where(pair => pair.Value.IsCertificate).Select(pair => pair.Key)];
            }
        }

        public bool Put(ObjectName name, Resource value)
        {
            lock (table._gate)
            {
                var known = table.Know(name);
                var isNews = !known.IsCertificate;
                if (isNews)
                    Count++;
                known.IsCertificate = true;
                known.Changes++;
                if (!table._needs.ContainsKey(name))
                    return isNews;
                isNews |= !value.Equals(known.Content);
                table.HandOn(name, known, (SecretResource)value);
                return isNews;
            }
        }

        public bool Remove(ObjectName name)
        {
            lock (table._gate)
            {
                if (!table._known.TryGetValue(name, out var known) || !known.IsCertificate)
                    return false;
                Count--;
                known.IsCertificate = false;
                table.Forget(name, known);
                return true;
            }
        }
    }

    private sealed class OtherSink(SecretTable table) : IObjectSink<string>
    {
        public int Count { get; private set; }

        public IReadOnlyList<ObjectName> Names
        {
            get
            {
                lock (table._gate)
                    return [.. table._known.Where(pair => pair.Value.Version is not null).Select(pair => pair.Key)];
            }
        }

        public bool Put(ObjectName name, string value)
        {
            lock (table._gate)
            {
                var known = table.Know(name);
                if (known.Version == value)
                    return false;
                if (known.Version is null)
                    Count++;
                known.Version = value;
                known.Changes++;
                if (table._needs.ContainsKey(name))
                    table.Wanted?.Invoke(name);
                return true;
            }
        }

        public bool Remove(ObjectName name)
        {
            lock (table._gate)
            {
                if (!table._known.TryGetValue(name, out var known) || known.Version is null)
                    return false;
                Count--;
                known.Version = null;
                table.Forget(name, known);
                return true;
            }
        }
    }
}
