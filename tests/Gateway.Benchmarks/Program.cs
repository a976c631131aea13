using Gateway.Benchmarks.InCluster;

if (args is ["cluster", .. var rest])
    return await ClusterBenchmarks.RunAsync(rest);
BenchmarkDotNet.Running.BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
