namespace Gateway.Proxy.Forwarding;

/// <summary>How an attempt ended.</summary>
/// <param name="Error">What went wrong, if anything.</param>
/// <param name="RequestBodyTouched">Whether a part of the request body was read, so that it cannot be sent again.</param>
/// <param name="AnswerStarted">Whether the client has got a part of an answer.</param>
/// <param name="Cause">The failure behind the error, for logs.</param>
internal readonly record struct ForwardOutcome(ForwardError Error, bool RequestBodyTouched, bool AnswerStarted, Exception? Cause = null)
{
    public static ForwardOutcome Success { get; } = new(ForwardError.None, true, true);
}

/// <summary>What went wrong in an attempt.</summary>
internal enum ForwardError
{
    None,

    /// <summary>No connection could be made; the upstream has seen nothing of the request.</summary>
    ConnectFailed,

    /// <summary>No connection could be made in time; the upstream has seen nothing of the request.</summary>
    ConnectTimeout,

    /// <summary>The upstream broke off, or its answer is not HTTP.</summary>
    UpstreamBroken,

    /// <summary>Nothing came from the upstream for too long.</summary>
    ReadTimeout,

    /// <summary>The upstream took nothing of the request for too long.</summary>
    SendTimeout,

    /// <summary>Nothing of the request body came from the client for too long.</summary>
    ClientTimeout,

    /// <summary>The request body is larger than allowed.</summary>
    BodyTooLarge,

    /// <summary>The request body is malformed.</summary>
    BadRequestBody,

    /// <summary>The client has gone.</summary>
    ClientGone,

    /// <summary>The gateway failed.</summary>
    Internal,
}
