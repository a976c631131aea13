using Microsoft.Extensions.Logging;

namespace Gateway.Proxy.Listeners;

/// <summary>
/// The loggers of the HTTP server. What a client can bring about whenever it likes is no alarm but a matter of debugging:
/// the server calls it critical when a client resets more HTTP/2 streams than it lets the server answer, and an error when
/// the rest of a body that nobody wants turns out to be malformed; it closes the connection in either case.
/// </summary>
internal sealed class ServerLogging(ILoggerFactory inner) : ILoggerFactory
{
    private const string Server = "Microsoft.AspNetCore.Server.Kestrel";

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        return categoryName.StartsWith(Server, StringComparison.Ordinal) ? new ServerLogger(logger) : logger;
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>The loggers belong to whoever made them.</summary>
    public void Dispose()
    {
    }

    private sealed class ServerLogger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            inner.Log(IsClients(eventId.Name) ? LogLevel.Debug : logLevel, eventId, state, exception, formatter);

        private static bool IsClients(string? eventName) =>
            eventName is "Http2QueueOperationsExceeded" or "RequestBodyDrainBodyReaderInvalidState";
    }
}
