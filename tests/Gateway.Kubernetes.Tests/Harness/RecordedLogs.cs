using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gateway.Kubernetes.Tests.Harness;

/// <summary>Keeps what is logged above Debug.</summary>
internal sealed class RecordedLogs : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel > LogLevel.Debug)
            Entries.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}".TrimEnd());
    }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
