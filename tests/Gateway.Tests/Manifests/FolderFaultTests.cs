using System.Diagnostics;
using Gateway.Configuration.Diagnostics;
using Gateway.Manifests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Manifests;

/// <summary>What can be wrong with a folder or its files: one diagnostic, nothing else hurt, and cured when it is mended.</summary>
public sealed class FolderFaultTests
{
    [Fact]
    public async Task A_file_that_stops_parsing_keeps_its_objects()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2") + "oh: [no\n");
        await Told(follower, "a.yaml:6", "not YAML");
        Assert.Equal("1", follower.ValueOf("a"));

        follower.Write("a.yaml", Follower.ConfigMap("a", "3"));
        await follower.EventuallyIs("a", "3");
        await Mended(follower);
    }

    [Fact]
    public async Task A_document_that_turns_into_NULs_keeps_all_objects_of_its_file()
    {
        await using var follower = new Follower();
        var second = Follower.ConfigMap("b", "1");
        follower.Write("a.yaml", Follower.ConfigMap("a", "1") + "---\n" + second);
        await follower.StartAsync();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2") + "---\n" + new string('\0', second.Length));
        await Told(follower, "a.yaml:6:1", "U+0000");
        Assert.Equal(("1", "1"), (follower.ValueOf("a"), follower.ValueOf("b")));
    }

    [Fact]
    public async Task A_file_broken_at_the_start_is_told_of_and_the_others_are_read()
    {
        await using var follower = new Follower();
        follower.Write("a.yaml", "oh: [no\n");
        follower.Write("b.yaml", Follower.ConfigMap("b", "1"));
        await follower.StartAsync();
        Assert.True(follower.Synced);
        Assert.Equal("1", follower.ValueOf("b"));
        Assert.Equal("a.yaml", Assert.Single(follower.Problems).Origin?.File);
    }

    [Fact]
    public async Task A_refused_object_keeps_its_last_good_version_and_hurts_no_other()
    {
        await using var follower = new Follower();
        follower.Write("a.yaml", Follower.ConfigMap("a", "1") + "---\n" + Follower.ConfigMap("b", "1"));
        await follower.StartAsync();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2").Replace("data: { value", "data: { not a key") + "---\n" + Follower.ConfigMap("b", "2"));
        await follower.EventuallyIs("b", "2");
        Assert.Equal("1", follower.ValueOf("a"));
        Assert.Equal((Follower.Key("a"), "data[not a key]"), (Assert.Single(follower.Problems).Subject, follower.Problems[0].Field));

        follower.Write("a.yaml", Follower.ConfigMap("a", "3") + "---\n" + Follower.ConfigMap("b", "2"));
        await follower.EventuallyIs("a", "3");
        await Mended(follower);
    }

    [Fact]
    public async Task An_object_whose_name_was_broken_is_kept_until_the_name_is_mended()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", Follower.ConfigMap("A!", "2"));
        await follower.Eventually(() => follower.Problems.Count == 2, "two problems");
        Assert.Equal("1", follower.ValueOf("a"));
        Assert.Contains(follower.Problems, problem => problem.Severity == DiagnosticSeverity.Warning && problem.Subject == Follower.Key("a"));

        follower.Write("a.yaml", Follower.ConfigMap("b", "2"));
        await follower.EventuallyIs("b", "2");
        await follower.EventuallyIs("a", null);
        await Mended(follower);
    }

    [Theory]
    [InlineData("kind:")]
    [InlineData("kind: 5")]
    [InlineData("kin: ConfigMap")]
    public async Task An_object_whose_kind_was_broken_is_kept_until_the_kind_is_mended(string kind)
    {
        await using var follower = await Started();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2").Replace("kind: ConfigMap", kind) + "---\n" + Follower.ConfigMap("b", "2"));
        await follower.EventuallyIs("b", "2");
        Assert.Equal("1", follower.ValueOf("a"));
        Assert.Equal(2, follower.Problems.Count);

        follower.Write("a.yaml", Follower.ConfigMap("b", "2"));
        await follower.EventuallyIs("a", null);
        await Mended(follower);
    }

    [Fact]
    public async Task An_object_that_became_one_of_another_kind_is_gone()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2").Replace("ConfigMap", "Deployment"));
        await follower.EventuallyIs("a", null);
        Assert.Empty(follower.Problems);
    }

    [Fact]
    public async Task Of_two_definitions_the_first_path_holds_and_the_second_takes_over()
    {
        await using var follower = new Follower();
        follower.Write("b/a.yaml", Follower.ConfigMap("a", "second"));
        follower.Write("b.yaml", Follower.ConfigMap("a", "first"));
        await follower.StartAsync();
        Assert.Equal("first", follower.ValueOf("a"));
        var problem = Assert.Single(follower.Problems);
        Assert.Equal((Follower.Key("a"), "b/a.yaml"), (problem.Subject, problem.Origin?.File));
        Assert.Contains("b.yaml:1:1", problem.Problem);

        File.Delete(follower.PathOf("b.yaml"));
        await follower.EventuallyIs("a", "second");
        await Mended(follower);

        follower.Write("a.yaml", Follower.ConfigMap("a", "zeroth"));
        await follower.EventuallyIs("a", "zeroth");
        await Told(follower, "b/a.yaml", "defined");
    }

    [Fact]
    public async Task Of_two_definitions_in_one_file_the_first_holds()
    {
        await using var follower = new Follower();
        follower.Write("a.yaml", Follower.ConfigMap("a", "first") + "---\n" + Follower.ConfigMap("a", "second"));
        await follower.StartAsync();
        Assert.Equal("first", follower.ValueOf("a"));
        Assert.Equal(6, Assert.Single(follower.Problems).Origin?.Line);

        follower.Write("a.yaml", Follower.ConfigMap("b", "first") + "---\n" + Follower.ConfigMap("a", "second"));
        await follower.EventuallyIs("a", "second");
        await Mended(follower);
    }

    [Fact]
    public async Task Files_that_cannot_be_read_as_text_are_told_of_and_keep_their_objects()
    {
        await using var follower = await Started();
        foreach (var (make, problem) in Faults(follower))
        {
            make();
            await Told(follower, "a.yaml", problem);
            Assert.NotNull(follower.ValueOf("a"));
            File.Delete(follower.PathOf("a.yaml"));
            var value = Guid.NewGuid().ToString("N");
            follower.Write("a.yaml", Follower.ConfigMap("a", value));
            await follower.EventuallyIs("a", value);
            await Mended(follower);
        }
    }

    private static IEnumerable<(Action Make, string Problem)> Faults(Follower follower)
    {
        yield return (() => File.WriteAllBytes(follower.PathOf("a.yaml"), [0x61, 0x3A, 0x20, 0xFF]), "not UTF-8");
        yield return (() => Grow(follower.PathOf("a.yaml")), "more than 16777216 bytes");
        yield return (() => Link(follower.PathOf("a.yaml"), "nowhere.yaml"), "leads nowhere");
        yield return (() => Link(follower.PathOf("a.yaml"), "a.yaml"), "leads nowhere");

        static void Grow(string path)
        {
            using var file = new FileStream(path, FileMode.Open);
            file.SetLength(ManifestText.LongestFile + 1);
        }

        static void Link(string path, string target)
        {
            File.CreateSymbolicLink(path + ".tmp", target);
            File.Move(path + ".tmp", path, overwrite: true);
        }
    }

    [Fact]
    public async Task A_folder_that_may_not_be_listed_is_told_of_and_keeps_its_objects()
    {
        await using var follower = await Started();
        follower.Write("sub/b.yaml", Follower.ConfigMap("b", "1"));
        await follower.EventuallyIs("b", "1");
        follower.Forbidden = "sub";
        await Told(follower, "sub", "permission is denied");

        // The others are followed on.
        File.Delete(follower.PathOf("a.yaml"));
        await follower.EventuallyIs("a", null);
        Assert.Equal("1", follower.ValueOf("b"));

        follower.Forbidden = null;
        await Mended(follower);
        Assert.Equal("1", follower.ValueOf("b"));
        File.Delete(follower.PathOf("sub/b.yaml"));
        await follower.EventuallyIs("b", null);
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_is_told_of_and_keeps_its_objects()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("rights do not bind this user");
            return;
        }
        await using var follower = await Started();
        var mode = File.GetUnixFileMode(follower.PathOf("a.yaml"));
        File.SetUnixFileMode(follower.PathOf("a.yaml"), UnixFileMode.None);
        File.SetLastWriteTimeUtc(follower.PathOf("a.yaml"), DateTime.UnixEpoch);
        await Told(follower, "a.yaml", "permission is denied");
        File.SetUnixFileMode(follower.PathOf("a.yaml"), mode);
        await Mended(follower);
        Assert.Equal(1, follower.Changes);
    }

    [Fact]
    public async Task A_pipe_does_not_hold_up_the_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no named pipes in folders");
        await using var follower = new Follower();
        using (var mkfifo = Process.Start("mkfifo", [follower.PathOf("pipe.yaml")]))
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        follower.Write("z.yaml", Follower.ConfigMap("z", "1"));
        await follower.StartAsync();
        Assert.Equal("1", follower.ValueOf("z"));
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_awaited()
    {
        await using var follower = new Follower();
        Directory.Delete(follower.Folder);
        await follower.StartAsync();
        Assert.False(follower.Synced);
        var problem = Assert.Single(follower.Problems);
        Assert.Equal((DiagnosticSeverity.Error, follower.Folder), (problem.Severity, problem.Origin?.File));

        follower.Write("sub/a.yaml", Follower.ConfigMap("a", "1"));
        await follower.EventuallyIs("a", "1");
        Assert.True(follower.Synced);
        await Mended(follower);
        follower.Write("sub/a.yaml", Follower.ConfigMap("a", "2"));
        await follower.EventuallyIs("a", "2");
    }

    [Fact]
    public async Task A_folder_that_vanishes_keeps_its_objects_and_is_followed_when_it_is_back()
    {
        await using var follower = await Started();
        Directory.Move(follower.Folder, follower.Folder + ".away");
        await Told(follower, follower.Folder, "does not exist");
        Assert.Equal("1", follower.ValueOf("a"));
        Assert.True(follower.Synced);

        Directory.CreateDirectory(follower.Folder);
        await follower.Pass(TimeSpan.FromMilliseconds(150));
        follower.Write("a.yaml", Follower.ConfigMap("a", "2"));
        await follower.EventuallyIs("a", "2");
        await Mended(follower);
        Assert.Equal(2, follower.Changes);

        follower.Write("a.yaml", Follower.ConfigMap("a", "3"));
        await follower.EventuallyIs("a", "3");
        File.Delete(follower.PathOf("a.yaml"));
        await follower.EventuallyIs("a", null);
    }

    [Fact]
    public async Task A_folder_that_is_moved_away_and_back_is_noticed_by_the_events_of_the_one_above()
    {
        await using var follower = new Follower(new NoRescans());
        follower.Write("a.yaml", Follower.ConfigMap("a", "1"));
        await follower.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            Directory.Move(follower.Folder, follower.Folder + ".away");
            await Told(follower, follower.Folder, "does not exist");
            Directory.Move(follower.Folder + ".away", follower.Folder);
            await Mended(follower);
        }
        Assert.Equal(1, follower.Changes);
    }

    [Fact]
    public async Task A_folder_replaced_in_one_go_is_followed_on()
    {
        await using var follower = await Started();
        for (var i = 2; i < 5; i++)
        {
            Directory.Delete(follower.Folder, recursive: true);
            follower.Write("a.yaml", Follower.ConfigMap("a", $"{i}"));
            await follower.EventuallyIs("a", $"{i}");
            follower.Write("a.yaml", Follower.ConfigMap("a", $"{i} and a half"));
            await follower.EventuallyIs("a", $"{i} and a half");
        }
        Assert.Equal(7, follower.Changes);
        Assert.Empty(follower.Appeared);
    }

    [Fact]
    public async Task Unknown_kinds_are_counted_and_named_at_debug_level()
    {
        await using var follower = new Follower();
        follower.Write("a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n---\n" + Follower.ConfigMap("a", "1"));
        var log = new ListLogger();
        await follower.StartAsync(log);
        Assert.Equal(1, follower.Source.Skipped);
        Assert.Contains(log.Lines, line => line.StartsWith("Debug: a.yaml:1:1:", StringComparison.Ordinal) && line.Contains("Deployment"));
    }

    [Fact]
    public async Task Ten_thousand_files_are_loaded_and_one_edit_of_them_is_one_change()
    {
        await using var follower = new Follower();
        const string Ingress = """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: NAME, namespace: shop }
            spec:
              rules:
              - host: NAME.example
                http:
                  paths:
                  - path: /
                    pathType: Prefix
                    backend: { service: { name: web, port: { number: 80 } } }
            """;
        for (var i = 0; i < 10_000; i++)
            follower.Write($"{i / 100}/i{i}.yaml", Ingress.Replace("NAME", $"i{i}"));

        await follower.StartAsync();
        Assert.Equal(10_000, follower.Objects.Count);

        follower.Write("50/i5000.yaml", Ingress.Replace("NAME", "i5000").Replace("number: 80", "number: 81"));
        await follower.Eventually(() => follower.Changes == 10_001, "one edit");
    }

    private static async Task<Follower> Started()
    {
        var follower = new Follower();
        follower.Write("a.yaml", Follower.ConfigMap("a", "1"));
        await follower.StartAsync();
        return follower;
    }

    private static Task Told(Follower follower, string place, string problem) => follower.Eventually(
        () => follower.Problems is [{ Origin: { } origin } only]
            && $"{origin}".StartsWith(place, StringComparison.Ordinal)
            && only.Problem.Contains(problem, StringComparison.Ordinal),
        $"one problem, of {place}: {problem}");

    private static Task Mended(Follower follower) => follower.Eventually(() => follower.Problems.Count == 0, "no problem");

    /// <summary>Pauses end, but the time of a rescan never comes.</summary>
    private sealed class NoRescans : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime >= TimeSpan.FromMilliseconds(500) ? Timeout.InfiniteTimeSpan : dueTime, period);
    }

    private sealed class ListLogger : ILogger<ManifestFolder>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
