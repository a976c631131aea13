using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Kubernetes.Api;
using Gateway.Kubernetes.Objects;

namespace Gateway.Kubernetes.Informers;

/// <summary>The requests of one informer: pages of its collection, and watches of it.</summary>
internal sealed class Collection(InformerTarget target, Func<int> held, InformerContext context)
{
    private const int PageSize = 500;

    private static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(60);

    private static readonly MediaTypeWithQualityHeaderValue OnlyMetadata = Partial("PartialObjectMetadata");
    private static readonly MediaTypeWithQualityHeaderValue OnlyMetadataOfList = Partial("PartialObjectMetadataList");

    /// <summary>How things stand; each answer but a refusal confirms the state.</summary>
    public KindStatus Status { get; } = new(target.Name, held, context.Time);

    /// <summary>Reads a page.</summary>
    /// <param name="query">Where it begins; empty or <c>&amp;name=value…</c>.</param>
    /// <param name="take">Takes each object; its bytes are valid for the call only.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ListMetadata> ReadPageAsync(string query, Action<ReadOnlySequence<byte>> take, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(PageTimeout, context.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            using var response = await SendAsync($"limit={PageSize}{query}", OnlyMetadataOfList, linked.Token);
            await using var body = await response.Content.ReadAsStreamAsync(linked.Token);
            return await new ListPage(context.Reader, take).ReadAsync(body, linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"A page did not come within {PageTimeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Opens a watch of what happens after <paramref name="version"/>, which the server ends after <paramref name="lasting"/>.</summary>
    public Task<HttpResponseMessage> WatchAsync(string version, TimeSpan lasting, CancellationToken cancellation) => SendAsync(
        string.Create(CultureInfo.InvariantCulture, $"watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)lasting.TotalSeconds}&resourceVersion={version}"),
        OnlyMetadata, cancellation);

    private async Task<HttpResponseMessage> SendAsync(string query, MediaTypeWithQualityHeaderValue metadataOnly, CancellationToken cancellation)
    {
        var selector = target.Selector.Length == 0 ? "" : $"&{target.Selector}";
        try
        {
            var response = await context.Api.SendAsync(
                HttpMethod.Get, $"{target.Resource.PathIn(target.Namespace)}?{query}{selector}", null, null, cancellation,
                target.MetadataOnly ? metadataOnly : null);
            context.Contact.Answered();
            Status.Confirmed();
            return response;
        }
        catch (ApiException)
        {
            // It is there, but says nothing of the state.
            context.Contact.Answered();
            throw;
        }
    }

    private static MediaTypeWithQualityHeaderValue Partial(string kind) => MediaTypeWithQualityHeaderValue.Parse($"application/json;as={kind};g=meta.k8s.io;v=v1");
}
