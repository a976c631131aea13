// Tests wait for processes and timeouts more than they compute.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]
