// Tests wait for processes and timeouts more than they compute.
[assembly: Parallelization(MaxThreads = 4)]
