using System.Diagnostics;
using System.Text;

namespace Gateway.Tests.Manifests;

/// <summary>The ways in which editors and tools put a new version of a file in place.</summary>
public sealed class SavePatternTests
{
    [Fact]
    public async Task The_first_batch_holds_everything_below_the_folder()
    {
        await using var follower = new Follower();
        follower.Write("a.yaml", Follower.ConfigMap("a", "1") + "---\n" + Follower.ConfigMap("b", "1"));
        follower.Write("sub/deep/c.yml", Follower.ConfigMap("c", "1"));
        follower.Write("sub/d.json", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"data":{"value":"1"}}""");
        follower.Write("notes.txt", "not: [a manifest");
        follower.Write(".hidden.yaml", Follower.ConfigMap("hidden", "1"));
        follower.Write(".git/e.yaml", Follower.ConfigMap("hidden", "1"));

        await follower.StartAsync();

        Assert.True(follower.Updates.First().Synced);
        Assert.Equal(["a", "b", "c", "d"], follower.Objects.Keys.Select(key => key.Name.Name).Order());
        Assert.Equal("sub/deep/c.yml", follower.Updates.First().Changes.Single(change => change.Key == Follower.Key("c")).Origin?.File);
        Assert.Empty(follower.Problems);
        Assert.Equal(3, follower.Source.Files);
    }

    [Fact]
    public async Task An_empty_folder_is_synced_at_once_and_followed()
    {
        await using var follower = new Follower();
        await follower.StartAsync();
        Assert.True(follower.Synced);
        follower.Write("a.yaml", Follower.ConfigMap("a", "1"));
        await follower.EventuallyIs("a", "1");
    }

    [Fact]
    public async Task A_file_written_over_is_followed()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2"));
        await follower.EventuallyIs("a", "2");
    }

    [Fact]
    public async Task A_file_renamed_over_is_followed_even_with_the_same_size_and_time()
    {
        await using var follower = await Started();
        var time = File.GetLastWriteTimeUtc(follower.PathOf("a.yaml"));
        follower.Write(".a.yaml.tmp", Follower.ConfigMap("a", "2"));
        File.SetLastWriteTimeUtc(follower.PathOf(".a.yaml.tmp"), time);
        File.Move(follower.PathOf(".a.yaml.tmp"), follower.PathOf("a.yaml"), overwrite: true);
        await follower.EventuallyIs("a", "2");
    }

    [Fact]
    public async Task A_file_set_aside_and_written_anew_never_looks_gone()
    {
        await using var follower = await Started();
        File.Move(follower.PathOf("a.yaml"), follower.PathOf("a.yaml~"));
        follower.Write("a.yaml", Follower.ConfigMap("a", "2"));
        File.Delete(follower.PathOf("a.yaml~"));
        await follower.EventuallyIs("a", "2");
        Assert.Equal(2, follower.Changes);
    }

    [Fact]
    public async Task A_file_that_is_empty_for_a_moment_never_looks_emptied()
    {
        await using var follower = await Started();
        for (var i = 2; i < 5; i++)
        {
            follower.Write("a.yaml", "");
            await follower.Pass(TimeSpan.FromMilliseconds(150));
            follower.Write("a.yaml", Follower.ConfigMap("a", $"{i}"));
            await follower.EventuallyIs("a", $"{i}");
        }
        Assert.Equal(4, follower.Changes);
        Assert.Empty(follower.Appeared);
    }

    [Fact]
    public async Task A_file_that_stays_empty_defines_nothing()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", "");
        await follower.EventuallyIs("a", null);
        Assert.Empty(follower.Problems);
    }

    [Fact]
    public async Task A_file_written_in_pieces_is_read_when_it_is_whole()
    {
        await using var follower = await Started();
        var text = Follower.ConfigMap("a", "2") + "---\n" + Follower.ConfigMap("b", "2");
        await using (var file = new StreamWriter(follower.PathOf("a.yaml")) { AutoFlush = true })
        {
            foreach (var piece in text.Chunk(20))
            {
                await file.WriteAsync(piece);
                await follower.Pass(TimeSpan.FromMilliseconds(10));
            }
        }
        await follower.EventuallyIs("b", "2");
        await follower.EventuallyIs("a", "2");
        Assert.Empty(follower.Appeared);
        Assert.Equal(3, follower.Changes);
    }

    [Fact]
    public async Task A_file_that_is_made_long_before_it_is_written_takes_nothing_away()
    {
        await using var follower = await Started();
        var text = Encoding.UTF8.GetBytes(Follower.ConfigMap("a", "2") + "---\n" + Follower.ConfigMap("b", "2"));
        using (var file = new FileStream(follower.PathOf("a.yaml"), FileMode.Truncate))
        {
            file.SetLength(text.Length);
            await follower.Eventually(() => follower.Problems.Count == 1, "one problem");
            Assert.Equal("1", follower.ValueOf("a"));
            file.Write(text);
        }
        await follower.EventuallyIs("b", "2");
        await follower.EventuallyIs("a", "2");
        await follower.Eventually(() => follower.Problems.Count == 0, "no problem");
        Assert.Equal(3, follower.Changes);
    }

    [Fact]
    public async Task A_change_is_taken_though_writing_never_ends()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", Follower.ConfigMap("a", "2"));
        for (var ticks = 0; follower.ValueOf("a") == "1"; ticks++)
        {
            Assert.True(ticks < 200, "not taken within two seconds");
            follower.Write("noise.txt", $"{ticks}");
            await follower.Pass(TimeSpan.FromMilliseconds(10));
        }
        Assert.Equal("2", follower.ValueOf("a"));
    }

    [Fact]
    public async Task A_deleted_file_takes_its_objects_along()
    {
        await using var follower = await Started();
        File.Delete(follower.PathOf("a.yaml"));
        await follower.EventuallyIs("a", null);
    }

    [Fact]
    public async Task New_folders_with_files_are_followed_and_so_is_what_happens_in_them()
    {
        await using var follower = await Started();
        follower.Write("new/deep/b.yaml", Follower.ConfigMap("b", "1"));
        await follower.EventuallyIs("b", "1");
        follower.Write("new/deep/b.yaml", Follower.ConfigMap("b", "2"));
        await follower.EventuallyIs("b", "2");

        Directory.Move(follower.PathOf("new"), follower.PathOf("other"));
        follower.Write("other/deep/b.yaml", Follower.ConfigMap("b", "3"));
        await follower.EventuallyIs("b", "3");
        Assert.Equal("1", follower.ValueOf("a"));

        Directory.Delete(follower.PathOf("other"), recursive: true);
        await follower.EventuallyIs("b", null);
    }

    [Fact]
    public async Task A_renamed_folder_changes_no_object_but_where_it_is_found()
    {
        await using var follower = new Follower();
        follower.Write("one/a.yaml", Follower.ConfigMap("a", "1"));
        await follower.StartAsync();
        Directory.Move(follower.PathOf("one"), follower.PathOf("two"));
        await follower.Settled();
        Assert.Equal(["one/a.yaml:1:1", "two/a.yaml:1:1"], SoleResourceOrigins(follower));
    }

    [Fact]
    public async Task A_mounted_config_map_is_read_once_and_its_swap_is_followed()
    {
        await using var follower = new Follower();
        Mount("..2026_01", "1");
        File.CreateSymbolicLink(follower.PathOf("..data"), "..2026_01");
        File.CreateSymbolicLink(follower.PathOf("a.yaml"), "..data/a.yaml");
        await follower.StartAsync();
        Assert.Equal("1", follower.ValueOf("a"));
        Assert.Empty(follower.Problems);

        for (var version = 2; version <= 4; version++)
        {
            Mount($"..2026_0{version}", $"{version}");
            File.CreateSymbolicLink(follower.PathOf("..data_tmp"), $"..2026_0{version}");
            await RenameOver(follower.PathOf("..data_tmp"), follower.PathOf("..data"));
            Directory.Delete(follower.PathOf($"..2026_0{version - 1}"), recursive: true);
            await follower.EventuallyIs("a", $"{version}");
        }
        Assert.Equal(4, follower.Changes);
        Assert.Empty(follower.Appeared);

        void Mount(string folder, string value)
        {
            follower.Write($"{folder}/a.yaml", Follower.ConfigMap("a", value));
            File.SetLastWriteTimeUtc(follower.PathOf($"{folder}/a.yaml"), DateTime.UnixEpoch);
        }
    }

    [Fact]
    public async Task Links_to_files_and_folders_elsewhere_are_followed()
    {
        await using var follower = new Follower();
        var folder = Path.Combine(follower.Elsewhere, "shared");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "b.yaml"), Follower.ConfigMap("b", "1"), TestContext.Current.CancellationToken);
        var file = Path.Combine(follower.Elsewhere, "a.txt");
        await File.WriteAllTextAsync(file, Follower.ConfigMap("a", "1"), TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(follower.PathOf("a.yaml"), file);
        Directory.CreateSymbolicLink(follower.PathOf("linked"), folder);
        await follower.StartAsync();
        Assert.Equal(("1", "1"), (follower.ValueOf("a"), follower.ValueOf("b")));

        await follower.Pass(TimeSpan.FromSeconds(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "b.yaml"), Follower.ConfigMap("b", "2"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, Follower.ConfigMap("a", "2"), TestContext.Current.CancellationToken);
        await follower.EventuallyIs("a", "2");
        await follower.EventuallyIs("b", "2");
    }

    [Fact]
    public async Task Links_in_a_circle_are_entered_once()
    {
        await using var follower = new Follower();
        follower.Write("sub/a.yaml", Follower.ConfigMap("a", "1"));
        Directory.CreateSymbolicLink(follower.PathOf("sub/up"), "..");
        Directory.CreateSymbolicLink(follower.PathOf("sub/self"), ".");
        Directory.CreateSymbolicLink(follower.PathOf("again"), "sub");
        await follower.StartAsync();
        Assert.Equal("1", follower.ValueOf("a"));
        Assert.Empty(follower.Problems);
        Assert.Equal(1, follower.Source.Files);
    }

    [Fact]
    public async Task A_folder_that_is_a_link_is_followed_where_it_leads_next()
    {
        await using var follower = new Follower();
        Directory.Delete(follower.Folder);
        foreach (var version in (string[])["1", "2"])
        {
            Directory.CreateDirectory(Path.Combine(follower.Elsewhere, version));
            await File.WriteAllTextAsync(Path.Combine(follower.Elsewhere, version, "a.yaml"), Follower.ConfigMap("a", version), TestContext.Current.CancellationToken);
        }
        Directory.CreateSymbolicLink(follower.Folder, "1");
        await follower.StartAsync();
        Assert.Equal("1", follower.ValueOf("a"));

        Directory.CreateSymbolicLink(follower.Folder + ".tmp", "2");
        await RenameOver(follower.Folder + ".tmp", follower.Folder);
        await follower.EventuallyIs("a", "2");
        follower.Write("a.yaml", Follower.ConfigMap("a", "3"));
        await follower.EventuallyIs("a", "3");
    }

    [Fact]
    public async Task Saving_what_is_already_there_changes_nothing_but_the_line()
    {
        await using var follower = await Started();
        follower.Write("a.yaml", "# A comment.\n" + Follower.ConfigMap("a", "1"));
        await follower.Settled();
        Assert.Equal(["a.yaml:1:1", "a.yaml:2:1"], SoleResourceOrigins(follower));
    }

    /// <summary>Where the object <c>a</c> was found, each time it was handed over; it must have been the same object each time.</summary>
    private static IEnumerable<string?> SoleResourceOrigins(Follower follower)
    {
        var changes = follower.Updates.SelectMany(update => update.Changes).Where(change => change.Key == Follower.Key("a")).ToList();
        Assert.Single(changes.Select(change => change.Resource).Distinct());
        return changes.Select(change => change.Origin?.ToString());
    }

    // File.Move takes no links to folders.
    private static async Task RenameOver(string link, string other)
    {
        using var mv = Process.Start("mv", ["-fT", link, other]);
        await mv.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, mv.ExitCode);
    }

    private static async Task<Follower> Started()
    {
        var follower = new Follower();
        follower.Write("a.yaml", Follower.ConfigMap("a", "1"));
        await follower.StartAsync();
        Assert.Equal("1", follower.ValueOf("a"));
        return follower;
    }
}
