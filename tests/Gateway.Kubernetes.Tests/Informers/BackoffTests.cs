using Gateway.Kubernetes.Informers;

namespace Gateway.Kubernetes.Tests.Informers;

public sealed class BackoffTests
{
    [Fact]
    public void Pauses_double_up_to_30_s_and_are_spread_over_half_of_that()
    {
        var clients = Enumerable.Range(0, 200).Select(_ => new Backoff()).ToArray();
        foreach (var longest in (double[])[0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30])
        {
            var pauses = clients.Select(client => client.Next().TotalSeconds).Order().ToArray();

            Assert.InRange(pauses[0], 0.5 * longest, 0.6 * longest);
            Assert.InRange(pauses[^1], 0.9 * longest, longest);
        }

        clients[0].Reset();
        Assert.InRange(clients[0].Next().TotalSeconds, 0.05, 0.1);
    }
}
