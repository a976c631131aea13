using System.Runtime.InteropServices;

namespace Gateway.Hosting;

/// <summary>The wish that the process should stop: SIGTERM or Ctrl-C. A second Ctrl-C means at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly CancellationTokenSource _urgent = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignal() =>
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive), PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive)];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Requested => _requested.Token;

    /// <summary>Cancelled by a second Ctrl-C.</summary>
    public CancellationToken Urgent => _urgent.Token;

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        // A supervisor may well send SIGTERM to the process and to its group: that is still one wish.
        if (!_requested.IsCancellationRequested)
            _requested.Cancel();
        else if (context.Signal == PosixSignal.SIGINT)
            _urgent.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _requested.Dispose();
        _urgent.Dispose();
    }
}
