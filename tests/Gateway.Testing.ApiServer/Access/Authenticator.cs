using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gateway.Testing.ApiServer.Access;

/// <summary>Who sends a request: bearer tokens of service accounts, and one of the administrator.</summary>
internal sealed class Authenticator(TimeProvider time)
{
    public const string Administrator = "admin";
    public const string Anonymous = "system:anonymous";

    private readonly ConcurrentDictionary<string, (string User, DateTimeOffset Expires)> _tokens = new() { [Administrator] = (Administrator, DateTimeOffset.MaxValue) };

    public string Issue(string ns, string serviceAccount, TimeSpan lifetime)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _tokens[token] = ($"system:serviceaccount:{ns}:{serviceAccount}", time.GetUtcNow() + lifetime);
        return token;
    }

    /// <exception cref="ApiStatus">401: the token is unknown or expired.</exception>
    public string User(string? authorization)
    {
        var token = authorization is not null && authorization.StartsWith("Bearer ", StringComparison.Ordinal) ? authorization["Bearer ".Length..].Trim() : "";
        if (token.Length == 0)
            return Anonymous;
        return _tokens.TryGetValue(token, out var found) && found.Expires > time.GetUtcNow()
            ? found.User
            : throw new ApiStatus(401, "Unauthorized", "Unauthorized");
    }
}
