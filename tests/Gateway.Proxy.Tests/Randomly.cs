using System.Globalization;

namespace Gateway.Proxy.Tests;

/// <summary>Runs a check on random input; a failure names the seed, and <c>GATEWAY_TEST_SEED</c> runs that one alone.</summary>
internal static class Randomly
{
    public static void Repeat(int times, Action<Random> check)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("GATEWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var only))
        {
            check(new Random(only));
            return;
        }
        for (var round = 0; round < times; round++)
        {
            var seed = Random.Shared.Next();
            try
            {
                check(new Random(seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Failed with GATEWAY_TEST_SEED={seed}: {exception.Message}", exception);
            }
        }
    }

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> items) => items[random.Next(items.Length)];

    public static string Join(this Random random, int most, params ReadOnlySpan<string> tokens)
    {
        var text = "";
        for (var count = random.Next(most + 1); count > 0; count--)
            text += random.Pick(tokens);
        return text;
    }
}
