using Gateway.Configuration.Resources;

namespace Gateway.Tests.Manifests;

/// <summary>A listing is no snapshot: files change while their folder is read.</summary>
public sealed class ChangeOrderTests
{
    [Fact]
    public async Task A_change_is_never_handed_over_before_one_that_was_made_earlier()
    {
        await using var follower = new Follower();
        // Between the two files that change lies so much that the second is looked at long after the first.
        for (var i = 0; i < 5_000; i++)
            follower.Write($"m/{i}.txt", "");
        follower.Write("a/0.yaml", "");
        follower.Write("z/after.yaml", "");
        await follower.StartAsync();

        for (var i = 0; i < 12; i++)
        {
            follower.Write($"a/{i}.yaml", Follower.ConfigMap($"before-{i}", "x"));
            follower.Write("z/after.yaml", Follower.ConfigMap("after", $"before-{i}"));
            // About as long as the source waits for quiet: it lists while the next ones are written.
            await follower.Pass(TimeSpan.FromMilliseconds(60 + (i % 5 * 10)));
        }
        await follower.EventuallyIs("after", "before-11");

        HashSet<string> seen = [];
        foreach (var update in follower.Updates)
        {
            seen.UnionWith(update.Changes.Select(change => change.Key.Name.Name));
            foreach (var after in update.Changes.Where(change => change.Key == Follower.Key("after")).Select(change => change.Resource).OfType<ConfigMapResource>())
                Assert.Contains(after.Data[0].Value, seen);
        }
    }
}
