using Gateway.Configuration.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>Logs each diagnostic once when it appears and once when it is cured.</summary>
internal sealed partial class DiagnosticReporter(ILogger logger)
{
    /// <summary>Follows <paramref name="diagnostics"/>.</summary>
    public void Attach(DiagnosticLog diagnostics)
    {
        diagnostics.Appeared += diagnostic =>
        {
            if (diagnostic.Severity == DiagnosticSeverity.Error)
                Log.Error(logger, diagnostic);
            else
                Log.Warning(logger, diagnostic);
        };
        diagnostics.Cured += diagnostic => Log.Cured(logger, diagnostic);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Diagnostic}")]
        public static partial void Error(ILogger logger, Diagnostic diagnostic);

        [LoggerMessage(2, LogLevel.Warning, "{Diagnostic}")]
        public static partial void Warning(ILogger logger, Diagnostic diagnostic);

        [LoggerMessage(3, LogLevel.Information, "Cured: {Diagnostic}")]
        public static partial void Cured(ILogger logger, Diagnostic diagnostic);
    }
}
