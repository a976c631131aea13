using System.Collections.Immutable;
using Gateway.EndToEnd.Tests.Harness;

namespace Gateway.EndToEnd.Tests.Configuration;

/// <summary>A host whose route and endpoints are edited all the time, and who may answer for it meanwhile.</summary>
internal sealed class ChurningHost : IAsyncDisposable
{
    private readonly string _id;
    private readonly ManifestDirectory _folder;
    private readonly List<TestBackend> _replaced = [];
    private TestBackend _current = null!;
    private volatile ImmutableList<string> _backends = [];
    private volatile int _settled;
    private int _edits;
    private string _service = "";

    private ChurningHost(string id, ManifestDirectory folder) => (_id, _folder) = (id, folder);

    public string Name => $"{_id}.test";

    /// <summary>The backend that the newest edit means.</summary>
    public string Latest => _backends[^1];

    /// <summary>A path below that the newest <see cref="AddPath"/> leads to the Service <c>web</c>.</summary>
    public string AddedPath { get; private set; } = "/never";

    /// <summary>How many edits the gateway is known to follow.</summary>
    public int Settled => _settled;

    public static async Task<ChurningHost> StartAsync(string id, ManifestDirectory folder)
    {
        var host = new ChurningHost(id, folder);
        await host.SwitchServiceAsync();
        return host;
    }

    /// <summary>The backends that may answer a request which began when so many edits were settled and has ended just now.</summary>
    public IEnumerable<string> AllowedSince(int settled) => _backends.Skip(settled);

    /// <summary>The newest edit is followed: nothing else may answer any more.</summary>
    public void Settle() => _settled = _backends.Count - 1;

    /// <summary>Leads the Service to another backend.</summary>
    public async Task SwitchEndpointAsync()
    {
        await ReplaceBackendAsync();
        _folder.Write($"{_service}.yaml", Yaml.Service(_service, _current.Port));
    }

    /// <summary>Leads the route to another Service, with another backend.</summary>
    public async Task SwitchServiceAsync()
    {
        await ReplaceBackendAsync();
        _service = $"{_id}-s{_edits}";
        _folder.Write($"{_service}.yaml", Yaml.Service(_service, _current.Port));
        WriteIngress();
    }

    /// <summary>Gives the host one more path, in the place of the one before.</summary>
    public void AddPath()
    {
        AddedPath = $"/added-{++_edits}";
        WriteIngress();
    }

    /// <summary>Stops the backends that earlier edits replaced.</summary>
    public async Task StopReplacedAsync()
    {
        foreach (var backend in _replaced)
            await backend.DisposeAsync();
        _replaced.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopReplacedAsync();
        await _current.DisposeAsync();
    }

    private async Task ReplaceBackendAsync()
    {
        if (_current is not null)
            _replaced.Add(_current);
        var name = $"{_id}-b{++_edits}";
        _current = await EchoBackend.StartAsync(name);
        _backends = _backends.Add(name);
    }

    private void WriteIngress() => _folder.Write(
        $"{_id}.yaml", Yaml.Ingress(_id, Name, _service) + Yaml.Ingress($"{_id}-added", Name, "web", AddedPath));
}
