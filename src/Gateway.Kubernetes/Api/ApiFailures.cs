using System.Text.Json;

namespace Gateway.Kubernetes.Api;

/// <summary>Tells what an API server, or the way to it, does to a call from faults of our own.</summary>
internal static class ApiFailures
{
    /// <summary>Whether a call failed for reasons that are not ours: refused, not reached, no answer in time, or no sense in it.</summary>
    /// <param name="exception">What the call threw.</param>
    /// <param name="requested">The caller's own cancellation, which is no failure.</param>
    public static bool IsApiFailure(this Exception exception, CancellationToken requested) =>
        exception is ApiException or HttpRequestException or IOException or JsonException or TimeoutException
        || (exception is OperationCanceledException && !requested.IsCancellationRequested);
}
