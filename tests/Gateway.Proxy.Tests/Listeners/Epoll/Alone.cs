namespace Gateway.Proxy.Tests.Listeners.Epoll;

/// <summary>Tests of what the whole process has, memory and descriptors, do not run beside others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
