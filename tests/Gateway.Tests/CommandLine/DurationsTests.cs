using Gateway.CommandLine;

namespace Gateway.Tests.CommandLine;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("30", 30)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5s", 1.5)]
    [InlineData("2m", 120)]
    [InlineData("1h", 3600)]
    [InlineData("0", 0)]
    public void A_duration_is_a_number_and_a_unit(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1d")]
    [InlineData("25h")]
    [InlineData("1e9")]
    [InlineData("NaN")]
    public void Anything_else_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));
}
