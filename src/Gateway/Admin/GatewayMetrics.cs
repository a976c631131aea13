using System.Diagnostics;
using Gateway.Configuration.Diagnostics;
using Gateway.Configuration.Ingress;
using Gateway.Hosting;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace Gateway.Admin;

/// <summary>
/// <c>/metrics</c>, in Prometheus' text format. What others count is read when it is asked for, so that counting costs
/// nothing; each part of the gateway adds its own to <see cref="Factory"/>.
/// </summary>
internal sealed class GatewayMetrics
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public GatewayMetrics(ConfigurationTranslator translator, ControlLoop loop, DiagnosticLog diagnostics, Readiness readiness)
    {
        Factory = Metrics.WithCustomRegistry(_registry);
        var ready = Factory.CreateGauge("gateway_ready", "1 while traffic should come.");
        var generation = Factory.CreateGauge("gateway_config_generation", "How often what is served has changed since the start.");
        var hash = Factory.CreateGauge(
            "gateway_config_hash", "Equal on replicas that serve the same; the lower 52 bits of the hash of /api/status.", ["of"]);
        var served = Factory.CreateGauge("gateway_config_objects", "How much is served.", ["kind"]);
        var problems = Factory.CreateGauge("gateway_diagnostics", "Problems in force.", ["severity"]);
        var memory = Factory.CreateGauge("process_resident_memory_bytes", "Memory of the process that is in use.");
        var cpu = Factory.CreateCounter("process_cpu_seconds_total", "Processor time that the process has used.");
        var heap = Factory.CreateGauge("dotnet_gc_heap_bytes", "Managed memory, as the last garbage collection left it.");
        var allocated = Factory.CreateCounter("dotnet_gc_allocated_bytes_total", "Managed memory allocated.");
        OnScrape(() =>
        {
            ready.Set(readiness.IsReady ? 1 : 0);
            var current = loop.Served;
            generation.Set(current.Generation);
            hash.WithLabels("routes").Set(Exact(current.Routes));
            hash.WithLabels("endpoints").Set(Exact(current.Endpoints));
            var counts = translator.Counts;
            served.WithLabels("ingress").Set(counts.Ingresses);
            served.WithLabels("host").Set(counts.Hosts);
            served.WithLabels("route").Set(counts.Routes);
            served.WithLabels("endpoint").Set(counts.Endpoints);
            var errors = diagnostics.Current.Count(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
            problems.WithLabels("error").Set(errors);
            problems.WithLabels("warning").Set(diagnostics.Current.Count - errors);
            using var process = Process.GetCurrentProcess();
            memory.Set(process.WorkingSet64);
            cpu.IncTo(process.TotalProcessorTime.TotalSeconds);
            heap.Set(GC.GetGCMemoryInfo().HeapSizeBytes);
            allocated.IncTo(GC.GetTotalAllocatedBytes());
        });
    }

    /// <summary>Makes metrics that the endpoint shows.</summary>
    public IMetricFactory Factory { get; }

    /// <summary>Has <paramref name="read"/> set metrics right before they are shown.</summary>
    public void OnScrape(Action read) => _registry.AddBeforeCollectCallback(read);

    /// <summary>Answers a scrape.</summary>
    public Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusConstants.TextContentTypeWithVersionAndEncoding;
        return _registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>As much of a hash as a floating-point number holds.</summary>
    private static double Exact(ulong hash) => hash & ((1UL << 52) - 1);
}
