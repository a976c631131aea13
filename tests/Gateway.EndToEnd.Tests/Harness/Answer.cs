using System.Globalization;
using System.Net;

namespace Gateway.EndToEnd.Tests.Harness;

/// <summary>An answer, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string> Fields, Version Version)
{
    /// <summary>The first line of an echo backend's answer: who it is.</summary>
    public string From => Body.Split('\n')[0];

    /// <summary>A field of the answer; null when it is not there.</summary>
    public string? this[string field] => Fields.GetValueOrDefault(field);

    /// <summary>A field of the request as an echo backend got it; null when it did not.</summary>
    public string? Received(string field) =>
        Body.Split('\n').Skip(2).FirstOrDefault(line => line.StartsWith(field + ": ", StringComparison.OrdinalIgnoreCase))?[(field.Length + 2)..];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(int)Status} {Body}");
}

/// <summary>Requests in one line.</summary>
internal static class Asking
{
    /// <summary>GETs <paramref name="url"/>.</summary>
    public static Task<Answer> AskAsync(this HttpClient client, string url, params (string Name, string Value)[] fields) =>
        client.AskAsync(new HttpRequestMessage(HttpMethod.Get, url), fields);

    /// <summary>Sends <paramref name="request"/>.</summary>
    public static async Task<Answer> AskAsync(this HttpClient client, HttpRequestMessage request, params (string Name, string Value)[] fields)
    {
        using (request)
        {
            request.Version = client.DefaultRequestVersion;
            request.VersionPolicy = client.DefaultVersionPolicy;
            foreach (var (name, value) in fields)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return new Answer(
                response.StatusCode,
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
                    .ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                response.Version);
        }
    }
}
