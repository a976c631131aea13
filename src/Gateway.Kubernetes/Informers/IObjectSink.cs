using Gateway.Configuration.Resources;

namespace Gateway.Kubernetes.Informers;

/// <summary>Holds what one informer learns.</summary>
/// <typeparam name="T">What is kept of an object.</typeparam>
internal interface IObjectSink<in T>
{
    /// <summary>How many objects are held; may be read from any thread.</summary>
    int Count { get; }

    /// <summary>The objects that are held, as of now.</summary>
    IReadOnlyList<ObjectName> Names { get; }

    /// <summary>The object is there, in this state. Returns whether that is news.</summary>
    bool Put(ObjectName name, T value);

    /// <summary>The object is gone. Returns whether that is news.</summary>
    bool Remove(ObjectName name);
}
