namespace Gateway.Tests.Manifests;

public sealed class RandomChangeTests
{
    private const int Seed = 20260302;

    [Fact]
    public async Task After_many_random_changes_everything_is_as_a_fresh_start_would_read_it()
    {
        var random = new Random(Seed);
        await using var follower = new Follower();
        await follower.StartAsync();
        for (var i = 0; i < 400; i++)
        {
            Change(follower, random, i);
            if (random.Next(8) == 0)
                await follower.Pass(TimeSpan.FromMilliseconds(random.Next(100)));
        }

        await follower.Eventually(() => IsAsRead(follower), $"seed {Seed}: the state of a fresh start");
    }

    private static bool IsAsRead(Follower follower)
    {
        // By hand, and not by the code under test: the first file by path holds, and each defines one object.
        Dictionary<string, string> expected = [];
        foreach (var path in Directory.GetFiles(follower.Folder, "*.yaml", SearchOption.AllDirectories)
            .OrderBy(path => Path.GetRelativePath(follower.Folder, path), StringComparer.Ordinal))
        {
            var parts = File.ReadAllText(path).Split('{', '}');
            expected.TryAdd(parts[1]["name: ".Length..].Trim(), parts[3].Split('"')[1]);
        }
        return expected.Count == follower.Objects.Count && expected.All(pair => follower.ValueOf(pair.Key) == pair.Value);
    }

    private static void Change(Follower follower, Random random, int i)
    {
        var file = $"d{random.Next(4)}/f{random.Next(6)}.yaml";
        var folder = follower.PathOf($"d{random.Next(4)}");
        switch (random.Next(10))
        {
            case 0 when Directory.Exists(folder):
                Directory.Delete(folder, recursive: true);
                break;
            case 1 when Directory.Exists(folder):
                var other = follower.PathOf($"d{random.Next(4)}");
                if (!Directory.Exists(other))
                    Directory.Move(folder, other);
                break;
            case 2 or 3 when File.Exists(follower.PathOf(file)):
                File.Delete(follower.PathOf(file));
                break;
            case 4 when File.Exists(follower.PathOf(file)):
                File.Move(follower.PathOf(file), Path.Combine(follower.Folder, $"top{random.Next(3)}.yaml"), overwrite: true);
                break;
            default:
                follower.Write(file, Follower.ConfigMap($"c{random.Next(12)}", $"v{i}"));
                break;
        }
    }
}
