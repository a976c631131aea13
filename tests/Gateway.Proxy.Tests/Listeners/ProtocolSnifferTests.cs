using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Gateway.Proxy.Listeners;
using Gateway.Proxy.Tests.Http2;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Proxy.Tests.Listeners;

public sealed class ProtocolSnifferTests
{
    private const string Settings = "\0\0\0\u0004\0\0\0\0\0";

    public static TheoryData<string, string> Beginnings => new()
    {
        { "", "Undecided" },
        { "P", "Undecided" },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", "Undecided" },
        { RawHttp2Client.Preface, "Http2" },
        { RawHttp2Client.Preface + Settings, "Http2" },
        { "G", "Http1" },
        { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "Http1" },
        { "POST / HTTP/1.1\r\n", "Http1" },
        { "PRI * HTTP/1.1\r\nHost: a\r\n\r\n", "Http1" },
        { "PRI * HTTP/2.0\r\nHost: a\r\n\r\n", "Http1" },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\n", "Http1" },
        { "pri * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Http1" },
        { " " + RawHttp2Client.Preface, "Http1" },
        { "\u0016\u0003\u0001", "Http1" },
        { "\0", "Http1" },
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public void The_verdict_does_not_depend_on_how_the_bytes_are_split(string bytes, string verdict)
    {
        Assert.Equal(verdict, Judge(bytes));
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
                Assert.Equal(verdict, Judge(bytes[..first], bytes[first..second], bytes[second..]));
        }
        Assert.Equal(verdict, Judge([.. bytes.Select(one => one.ToString())]));
    }

    [Fact]
    public void A_preface_that_is_off_by_one_byte_is_none()
    {
        for (var at = 0; at < RawHttp2Client.Preface.Length; at++)
        {
            var bytes = RawHttp2Client.Preface.ToCharArray();
            bytes[at]++;
            Assert.Equal("Http1", Judge(new string(bytes)));
        }
    }

    [Theory]
    [InlineData(RawHttp2Client.Preface + Settings, "h2")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSX and more", "h1")]
    [InlineData("GET / HTTP/1.1\r\n", "h1")]
    public async Task The_chosen_protocol_reads_from_the_first_byte_also_when_they_come_one_by_one(string bytes, string protocol)
    {
        using var connection = new TestConnection();
        var sniffing = connection.SniffAsync(TimeProvider.System);

        foreach (var one in bytes)
            await connection.Input.WriteAsync(new[] { (byte)one }, TestContext.Current.CancellationToken);
        await connection.Input.CompleteAsync();
        await sniffing;

        Assert.Equal((protocol, bytes), (connection.Protocol, connection.Read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRI * HTTP/2.0\r\n")]
    public async Task A_client_that_does_not_finish_in_time_is_given_up(string bytes)
    {
        var time = new FakeTimeProvider();
        using var connection = new TestConnection();
        var sniffing = connection.SniffAsync(time);
        await connection.Input.WriteAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);

        time.Advance(TestConnection.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(sniffing.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await sniffing.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Null(connection.Protocol);
    }

    [Fact]
    public async Task A_client_that_says_nothing_does_not_hold_up_the_closing()
    {
        using var connection = new TestConnection();
        var sniffing = connection.SniffAsync(TimeProvider.System);

        connection.RequestClose();

        await sniffing.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Null(connection.Protocol);
    }

    [Theory]
    [InlineData("")]
    [InlineData("PRI")]
    public async Task A_client_that_goes_away_is_forgotten(string bytes)
    {
        using var connection = new TestConnection();
        var sniffing = connection.SniffAsync(TimeProvider.System);

        await connection.Input.WriteAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);
        await connection.Input.CompleteAsync(bytes.Length == 0 ? null : new ConnectionResetException("reset"));

        await sniffing.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Null(connection.Protocol);
    }

    private static string Judge(params string[] segments) => ProtocolSniffer.Judge(Segments.Of(segments)).ToString();

    private sealed class TestConnection : IConnectionLifetimeNotificationFeature, IDuplexPipe, IDisposable
    {
        public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

        private readonly Pipe _pipe = new();
        private readonly CancellationTokenSource _closing = new();

        public PipeWriter Input => _pipe.Writer;

        public string? Protocol { get; private set; }

        public string? Read { get; private set; }

        public CancellationToken ConnectionClosedRequested { get => _closing.Token; set => throw new NotSupportedException(); }

        PipeReader IDuplexPipe.Input => _pipe.Reader;

        PipeWriter IDuplexPipe.Output => throw new NotSupportedException();

        public void RequestClose() => _closing.Cancel();

        public void Dispose() => _closing.Dispose();

        public Task SniffAsync(TimeProvider time)
        {
            var context = new DefaultConnectionContext { Transport = this };
            context.Features.Set<IConnectionLifetimeNotificationFeature>(this);
            return new ProtocolSniffer(Take("h1"), Take("h2"), () => Timeout, time).OnConnectionAsync(context);
        }

        private ConnectionDelegate Take(string protocol) => async connection =>
        {
            Protocol = protocol;
            ReadResult result;
            while (!(result = await connection.Transport.Input.ReadAsync()).IsCompleted)
                connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Read = Encoding.ASCII.GetString(result.Buffer);
        };
    }

    private sealed class Segments : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Of(params string[] parts)
        {
            var first = new Segments();
            var last = first;
            foreach (var part in parts)
            {
                var next = new Segments { Memory = Encoding.Latin1.GetBytes(part), RunningIndex = last.RunningIndex + last.Memory.Length };
                last.Next = next;
                last = next;
            }
            return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        }
    }
}
