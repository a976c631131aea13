using Gateway.Benchmarks.Allocations;
using Gateway.Benchmarks.Comparison;
using Gateway.Benchmarks.InCluster;

if (args is ["cluster", .. var rest])
    return await ClusterBenchmarks.RunAsync(rest);
if (args is ["compare", .. var cases])
    return await CompareCommand.RunAsync(cases);
if (args is ["allocations"])
    return await AllocationsCommand.RunAsync();
BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
