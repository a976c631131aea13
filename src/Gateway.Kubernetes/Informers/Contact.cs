using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Informers;

/// <summary>
/// Whether the API server can be reached at all, said once a change however many watches notice it.
/// Called by all informers at once.
/// </summary>
internal sealed partial class Contact(Uri server, TimeProvider time, ILogger logger)
{
    // When a connection breaks, the next one mostly works: that is nothing to report.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long? _lastAnswer;
    private bool _isLost;

    /// <summary>The server answered, whatever it said.</summary>
    public void Answered()
    {
        lock (_gate)
        {
            _lastAnswer = time.GetTimestamp();
            if (_isLost)
                Log.Back(logger, server);
            _isLost = false;
        }
    }

    /// <summary>A connection failed or broke.</summary>
    public void Failed(Exception exception)
    {
        lock (_gate)
        {
            if (_isLost || _lastAnswer is { } at && time.GetElapsedTime(at) < Patience)
                return;
            _isLost = true;
            Log.Lost(logger, server, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The API server at {Server} cannot be reached ({Problem}); the gateway keeps trying, and serves what it last knew.")]
        public static partial void Lost(ILogger logger, Uri server, string problem);

        [LoggerMessage(2, LogLevel.Information, "The API server at {Server} answers again.")]
        public static partial void Back(ILogger logger, Uri server);
    }
}
