namespace Gateway.Kubernetes.Events;

/// <summary>How Events are written.</summary>
/// <param name="Instance">The name of this replica; at most 128 characters.</param>
public sealed record EventOptions(string Instance)
{
    /// <summary><c>reportingController</c> of all Events.</summary>
    public const string Controller = "gateway.yarp/ingress-controller";

    /// <summary>Requests a second in the long run.</summary>
    public double RequestsPerSecond { get; init; } = 10;

    /// <summary>Requests at once after a rest.</summary>
    public int Burst { get; init; } = 25;

    /// <summary>How many occurrences may wait to be written; more are dropped and counted.</summary>
    public int QueueLength { get; init; } = 10_000;

    /// <summary>How many of them may be about one object.</summary>
    public int Share { get; init; } = 100;

    /// <summary>How often at most the count of one Event is raised.</summary>
    public TimeSpan SeriesInterval { get; init; } = TimeSpan.FromSeconds(30);
}
