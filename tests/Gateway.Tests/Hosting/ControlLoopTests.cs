using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Configuration.Resources;
using Gateway.Hosting;
using Gateway.Proxy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Hosting;

public sealed class ControlLoopTests : IAsyncDisposable
{
    private static readonly Diagnostic Problem = new(DiagnosticSeverity.Error, null, "", null, "something is wrong", "Mend it");

    private readonly Channel<SourceUpdate> _updates = Channel.CreateUnbounded<SourceUpdate>();
    private readonly DiagnosticLog _diagnostics = new();
    private readonly DataPlane _dataPlane = new(NullLoggerFactory.Instance, TimeProvider.System, new DataPlaneOptions(AllowLocalAddresses: true));
    private readonly ControlLoop _loop;

    public ControlLoopTests()
    {
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true }, _diagnostics);
        _loop = new ControlLoop(
            translator, _dataPlane, _diagnostics, new ClassGrace(TimeSpan.Zero, TimeProvider.System),
            new NewIngresses(translator, TimeSpan.Zero, TimeProvider.System), TimeProvider.System, NullLogger.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _dataPlane.DisposeAsync();

    private void Report(string scope, bool synced) =>
        Assert.True(_updates.Writer.TryWrite(new SourceUpdate { Diagnostics = [new DiagnosticScope(scope, [Problem])], Synced = synced }));

    private void FailOnce()
    {
        _diagnostics.Appeared += Fail;

        void Fail(Diagnostic diagnostic)
        {
            _diagnostics.Appeared -= Fail;
            throw new InvalidOperationException("a fault");
        }
    }

    [Fact]
    public async Task A_first_state_that_cannot_be_applied_ends_the_loop_so_that_no_port_opens()
    {
        FailOnce();
        Report("a", synced: true);

        await Assert.ThrowsAsync<InvalidOperationException>(() => _loop.RunAsync(_updates.Reader.ReadAllAsync(Cancellation), Cancellation));
        Assert.False(_loop.Synced.IsCompleted);
    }

    [Fact]
    public async Task A_later_update_that_cannot_be_applied_does_not_stop_the_next()
    {
        var loop = _loop.RunAsync(_updates.Reader.ReadAllAsync(Cancellation), Cancellation);
        Report("a", synced: true);
        await _loop.Synced.WaitAsync(Cancellation);
        FailOnce();
        Report("b", synced: true);
        Report("c", synced: true);
        _updates.Writer.Complete();

        await loop;
        Assert.Equal(3, _diagnostics.Current.Count);
    }

    [Fact]
    public async Task Certificates_are_judged_again_within_the_hours_though_nothing_changes()
    {
        var time = new FakeTimeProvider();
        var translator = new ConfigurationTranslator(new TranslationOptions { ManifestMode = true }, _diagnostics);
        var loop = new ControlLoop(
            translator, _dataPlane, _diagnostics, new ClassGrace(TimeSpan.Zero, time), new NewIngresses(translator, TimeSpan.Zero, time), time, NullLogger.Instance);
        var applied = new SemaphoreSlim(0);
        loop.Applied += _ => applied.Release();
        var running = loop.RunAsync(_updates.Reader.ReadAllAsync(Cancellation), Cancellation);
        Report("a", synced: true);
        await applied.WaitAsync(Cancellation);

        // The loop may begin to wait only after some of this.
        var passed = TimeSpan.Zero;
        while (!await applied.WaitAsync(TimeSpan.FromMilliseconds(20), Cancellation))
        {
            time.Advance(TimeSpan.FromMinutes(10));
            passed += TimeSpan.FromMinutes(10);
            Assert.InRange(passed, TimeSpan.Zero, TimeSpan.FromHours(6));
        }

        _updates.Writer.Complete();
        await running;
    }

    [Fact]
    public async Task A_source_has_ended_when_the_loop_has()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var ended = false;
        var loop = _loop.RunAsync(Updates(Cancellation), stop.Token);
        await _loop.Synced.WaitAsync(Cancellation);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Assert.True(ended);

        async IAsyncEnumerable<SourceUpdate> Updates([EnumeratorCancellation] CancellationToken cancellation = default)
        {
            try
            {
                yield return new SourceUpdate { Synced = true };
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended = true;
            }
        }
    }
}
