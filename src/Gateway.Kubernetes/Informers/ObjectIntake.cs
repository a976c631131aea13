using System.Buffers;
using System.Text.Json;
using Gateway.Configuration.Resources;
using Gateway.Kubernetes.Objects;

namespace Gateway.Kubernetes.Informers;

/// <summary>The way of one object from what the API server sent into the sink, and of the diagnostic into the report where it cannot be read.</summary>
internal sealed class ObjectIntake<T>(
    InformerTarget target, Func<ReadOnlySequence<byte>, ReadObject<T>> read, IObjectSink<T> sink, InformerContext context)
{
    /// <summary>What is wrong with objects, and with the rights to see them.</summary>
    public InformerProblems Problems { get; } = new(target, context);

    /// <summary>Takes an object in; one that cannot be read is reported, and what was known of it stays.</summary>
    /// <exception cref="JsonException">It does not even say its name.</exception>
    public (ObjectName Name, string? Version, bool IsNews) Put(ReadOnlySequence<byte> item)
    {
        try
        {
            var (name, version, value) = read(item);
            var isNews = sink.Put(name, value);
            Problems.Readable(name);
            return (name, version, isNews);
        }
        catch (JsonException e)
        {
            var identity = context.Reader.ReadIdentity(item);
            Problems.Unreadable(identity.ObjectName, e.Path);
            return (identity.ObjectName, identity.ResourceVersion, false);
        }
    }

    /// <summary>Lets an object go; returns whether it was there.</summary>
    public bool Remove(ObjectName name)
    {
        var isNews = sink.Remove(name);
        Problems.Readable(name);
        return isNews;
    }

    /// <summary>Lets everything go that a complete list did not show, and tells <paramref name="onNews"/> what that was.</summary>
    public void RemoveAllBut(HashSet<ObjectName> found, Action<ObjectName>? onNews)
    {
        foreach (var name in sink.Names)
        {
            // Others may fill the same sink from other namespaces.
            if ((target.Namespace is null || name.Namespace == target.Namespace) && !found.Contains(name) && Remove(name))
                onNews?.Invoke(name);
        }
    }
}
