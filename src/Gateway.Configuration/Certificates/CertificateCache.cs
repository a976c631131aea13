using System.Runtime.CompilerServices;
using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Certificates;

/// <summary>
/// Reads each version of a Secret once, and knows when the verdict on any certificate's dates will change.
/// Replaced certificates are left to the garbage collector: connections may still use them.
/// </summary>
internal sealed class CertificateCache(ResourceStore store)
{
    private readonly ConditionalWeakTable<SecretResource, CertificateReading> _readings = [];

    /// <summary>When a certificate that was judged becomes valid or invalid: it is time to judge again.</summary>
    public DateTimeOffset JudgeAgainAt { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>The certificate in the Secret, or why there is none.</summary>
    public CertificateReading Find(ObjectName name) =>
        store.Secret(name) is { } secret
            ? _readings.GetValue(secret, CertificateReader.Read)
            : CertificateReading.Failure($"Secret {name} does not exist, or was refused", "Create it, mend it, or correct the name");

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
