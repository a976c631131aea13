using Gateway.Configuration.Resources;

namespace Gateway.Configuration.Ingress;

/// <summary>Which of two Ingresses comes first, as in ingress-nginx: the older; of the same age the one whose <c>namespace/name</c> sorts later. One that was never applied has no age, and counts as oldest.</summary>
internal static class IngressOrder
{
    /// <summary>Less than zero: <paramref name="x"/> comes first.</summary>
    public static int Compare(IngressResource x, IngressResource y)
    {
        var byAge = Nullable.Compare(x.CreatedAt, y.CreatedAt);
        return byAge != 0 ? byAge : string.CompareOrdinal(y.Name.ToString(), x.Name.ToString());
    }
}
