namespace Gateway.Logging;

/// <summary>The form of log lines.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object a line, for log collectors.</summary>
    Json,
}
