using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Tests.Harness;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Kubernetes.Tests.Informers;

public sealed class ContactTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordedLogs _logs = new();
    private readonly Contact _contact;

    public ContactTests() => _contact = new Contact(new Uri("https://api.test"), _clock, _logs);

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void A_connection_that_breaks_within_a_second_of_an_answer_is_nothing_to_tell_of()
    {
        for (var i = 0; i < 10; i++)
        {
            _contact.Answered();
            _clock.Advance(TimeSpan.FromMilliseconds(900));
            Fail();
        }
        Assert.Empty(_logs.Entries);

        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Fail();
        Assert.Contains("cannot be reached (broken)", Assert.Single(_logs.Entries), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_never_answered_is_told_of_at_once_and_only_once_until_it_is_back()
    {
        Fail();
        Fail();
        Assert.Single(_logs.Entries);

        _contact.Answered();
        _contact.Answered();
        Assert.Equal(2, _logs.Entries.Count);
        Assert.Contains("answers again", _logs.Entries.Last(), StringComparison.Ordinal);
    }

    private void Fail() => _contact.Failed(new IOException("broken"));
}
