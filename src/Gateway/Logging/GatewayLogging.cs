using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Logging;

/// <summary>Makes the process's loggers.</summary>
internal static class GatewayLogging
{
    /// <summary>Logs go to standard error: standard output is left to what a command prints.</summary>
    public static ILoggerFactory Create(LogLevel level, LogFormat format) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(level);
        // What the server library says of single connections is the client's doing, at most a matter of debugging.
        logging.AddFilter("Microsoft", level <= LogLevel.Debug ? level : LogLevel.Error);
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (format == LogFormat.Json)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
        }
    });
}
