using System.Runtime.CompilerServices;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Certificates;

/// <summary>
/// Reads each version of a Secret once, and knows when the verdict on any certificate's dates will change.
/// Replaced certificates are left to the garbage collector: connections may still use them.
/// </summary>
/// <param name="store">The objects.</param>
/// <param name="onlyNamespaces">The only namespaces whose Secrets are known; empty: all.</param>
internal sealed class CertificateCache(ResourceStore store, EquatableArray<string> onlyNamespaces = default)
{
    private readonly ConditionalWeakTable<SecretResource, CertificateReading> _readings = [];

    /// <summary>When a certificate that was judged becomes valid or invalid: it is time to judge again.</summary>
    public DateTimeOffset JudgeAgainAt { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>The certificate in the Secret, or why there is none.</summary>
    public CertificateReading Find(ObjectName name) =>
        store.Secret(name) is { } secret
            ? _readings.GetValue(secret, CertificateReader.Read)
            : onlyNamespaces.Count == 0 || onlyNamespaces.Contains(name.Namespace)
                ? CertificateReading.Failure($"Secret {name} does not exist, or was refused", "Create it, mend it, or correct the name")
                : CertificateReading.Failure(
                    $"only Secrets in the namespace{(onlyNamespaces.Count > 1 ? "s" : "")} {string.Join(", ", onlyNamespaces)} are read, and {name} is none of them",
                    "Put it there, or name its namespace in --secret-namespaces and give the gateway the right to read Secrets in it");

    /// <summary>What is wrong with the certificate's dates at <paramref name="now"/>, or null.</summary>
    public string? JudgeDates(CertificateReading reading, DateTimeOffset now)
    {
        if (now >= reading.ValidUntil)
            return $"the certificate expired on {reading.ValidUntil:u}";
        var change = now < reading.ValidFrom ? reading.ValidFrom : reading.ValidUntil;
        if (change < JudgeAgainAt)
            JudgeAgainAt = change;
        return now < reading.ValidFrom ? $"the certificate is not valid before {reading.ValidFrom:u}" : null;
    }

    /// <summary>Forgets <see cref="JudgeAgainAt"/>: all certificates are about to be judged.</summary>
    public void StartJudging() => JudgeAgainAt = DateTimeOffset.MaxValue;
}
