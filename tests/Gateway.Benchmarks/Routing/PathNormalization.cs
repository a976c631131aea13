using BenchmarkDotNet.Attributes;
using Gateway.Proxy.Routing;

namespace Gateway.Benchmarks.Routing;

/// <summary>What it costs to bring a path into the form that routes are matched on.</summary>
[MemoryDiagnoser]
public class PathNormalization
{
    private readonly char[] _buffer = new char[256];

    [Params("/", "/api/v1/orders/4711", "/static/js/vendor/2f1c9a77e0b14c5d8a/chunks/main.9c1185a5c5e9fc54612808977ee8f548b2258d31.js")]
    public string Path { get; set; } = "";

    [Benchmark]
    public bool AlreadyNormal() => PathNormalizer.TryNormalize(Path, _buffer, out _);

    [Benchmark]
    public bool Rewritten() => PathNormalizer.TryNormalize("/api//v1/%6Frders/../orders/4711", _buffer, out _);
}
