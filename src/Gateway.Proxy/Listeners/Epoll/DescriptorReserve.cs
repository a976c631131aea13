namespace Gateway.Proxy.Listeners.Epoll;

/// <summary>
/// What of the process's descriptors is kept for other things than clients: connections to upstreams, files, and the runtime
/// itself, which gives up the whole process where it gets none.
/// </summary>
/// <param name="mark">Clients get numbers below.</param>
internal sealed class DescriptorReserve(int mark)
{
    /// <summary>A quarter of what the process may open.</summary>
    public static readonly DescriptorReserve Default = new(Limit / 4 * 3);

    private static unsafe int Limit
    {
        get
        {
            Libc.Limit limit;
            return Libc.GetLimit(Libc.DescriptorLimit, &limit) == 0 && limit.Soft < int.MaxValue ? (int)limit.Soft : int.MaxValue;
        }
    }

    public int Mark => mark;

    /// <summary>Whether the next one would be below the mark: the kernel gives away the lowest number that is free.</summary>
    public bool HasRoom()
    {
        using var probe = Libc.EventCounter(0, Libc.CloseOnExec);
        return !probe.IsInvalid && probe.Number < mark;
    }
}
