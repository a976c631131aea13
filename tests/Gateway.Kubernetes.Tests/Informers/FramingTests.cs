using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Kubernetes.Informers;
using Gateway.Kubernetes.Objects;

namespace Gateway.Kubernetes.Tests.Informers;

/// <summary>Lists and watches that arrive in any pieces.</summary>
public sealed class FramingTests
{
    private const string Page = """
        {"kind":"ServiceList","apiVersion":"v1","metadata":{"resourceVersion":"218","continue":"abc","remainingItemCount":3},
        "extra":{"items":[{"not":"an item"}],"metadata":{"resourceVersion":"1"}},
        "items":[{"metadata":{"name":"a","items":[1,[2]]},"spec":{"x":"]}\"{["}},{"metadata":{"name":"b"}},{"metadata":{"name":"Zürich"}}]}
        """;

    [Fact]
    public async Task A_list_is_the_same_however_it_is_cut()
    {
        var bytes = Encoding.UTF8.GetBytes(Page);
        for (var size = 1; size <= bytes.Length; size++)
        {
            List<string> items = [];
            var metadata = await new ListPage(new ObjectReader(), item => items.Add(Encoding.UTF8.GetString(item)))
                .ReadAsync(new Pieces(bytes, size), TestContext.Current.CancellationToken);

            Assert.Equal(("218", "abc"), (metadata.ResourceVersion, metadata.Continue));
            Assert.Equal(["""{"metadata":{"name":"a","items":[1,[2]]},"spec":{"x":"]}\"{["}}""", """{"metadata":{"name":"b"}}""", """{"metadata":{"name":"Zürich"}}"""], items);
        }
    }

    [Fact]
    public async Task The_order_of_a_lists_fields_does_not_matter()
    {
        List<string> items = [];
        var metadata = await new ListPage(new ObjectReader(), item => items.Add(Encoding.UTF8.GetString(item)))
            .ReadAsync(new Pieces("""{"items":[{"a":1}],"metadata":{"resourceVersion":"3"}}"""u8.ToArray(), 7), TestContext.Current.CancellationToken);

        Assert.Equal(("3", null, "{\"a\":1}"), (metadata.ResourceVersion, metadata.Continue, items.Single()));
    }

    [Fact]
    public async Task A_list_without_items_is_empty()
    {
        foreach (var empty in (string[])["""{"metadata":{"resourceVersion":"3"},"items":[]}""", """{"metadata":{"resourceVersion":"3"},"items":null}"""])
        {
            var metadata = await new ListPage(new ObjectReader(), _ => Assert.Fail("There is no item."))
                .ReadAsync(new Pieces(Encoding.UTF8.GetBytes(empty), 5), TestContext.Current.CancellationToken);
            Assert.Equal("3", metadata.ResourceVersion);
        }
    }

    [Fact]
    public async Task A_list_that_ends_anywhere_before_its_end_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Page.TrimEnd());
        for (var length = 0; length < bytes.Length; length++)
        {
            await Assert.ThrowsAnyAsync<JsonException>(() => new ListPage(new ObjectReader(), _ => { })
                .ReadAsync(new Pieces(bytes[..length], 64), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_watch_is_the_same_however_it_is_cut()
    {
        var bytes = "{\"a\":1}\n\n{\"b\":\"\\n\"}\n{\"cut"u8.ToArray();
        for (var size = 1; size <= bytes.Length; size++)
        {
            List<string> lines = [];
            await using var stream = new WatchStream(new Pieces(bytes, size), TimeSpan.FromSeconds(90), TimeProvider.System, TestContext.Current.CancellationToken);
            while (await stream.ReadLineAsync() is { } line)
                lines.Add(Encoding.UTF8.GetString(line));

            Assert.Equal(["{\"a\":1}", "", "{\"b\":\"\\n\"}"], lines);
        }
    }

    [Fact]
    public async Task A_line_may_be_longer_than_any_object_but_not_endless()
    {
        Assert.Equal(4 << 20, await FirstLineAsync([.. Line(4), (byte)'\n']));
        await Assert.ThrowsAsync<JsonException>(() => FirstLineAsync(Line(17)));

        static byte[] Line(int mebibytes) => Enumerable.Repeat((byte)'x', mebibytes << 20).ToArray();
        static async Task<long?> FirstLineAsync(byte[] body)
        {
            await using var stream = new WatchStream(new MemoryStream(body), TimeSpan.FromSeconds(90), TimeProvider.System, TestContext.Current.CancellationToken);
            return (await stream.ReadLineAsync())?.Length;
        }
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"a":[1]}}""", WatchEventType.Added)]
    [InlineData("""{"object":{"a":[1]},"more":{"type":"x"},"type":"DELETED"}""", WatchEventType.Deleted)]
    [InlineData("""{"type":"BOOKMARK","object":{"a":[1]}}""", WatchEventType.Bookmark)]
    internal void An_event_is_its_type_and_its_object(string line, WatchEventType type)
    {
        var read = WatchEvent.Parse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line)));

        Assert.Equal((type, """{"a":[1]}"""), (read.Type, Encoding.UTF8.GetString(read.Object)));
    }

    /// <summary>A body that comes a few bytes at a time.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
