using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Kubernetes.Api;

/// <summary>
/// Calls for single objects that need no type of their own. All throw as <see cref="ApiClient.ReadAsync"/> does, and
/// <see cref="JsonException"/> when the answer is no JSON.
/// </summary>
internal static class ApiCalls
{
    extension(ApiClient api)
    {
        /// <summary>Reads an object or a list.</summary>
        public Task<JsonElement> GetAsync(string path, CancellationToken cancellation) =>
            api.CallAsync(HttpMethod.Get, path, null, null, cancellation);

        /// <summary>Reads an object; null: there is none.</summary>
        public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellation)
        {
            try
            {
                return JsonObject.Create(await api.GetAsync(path, cancellation));
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return null;
            }
        }

        /// <summary>Creates an object in a collection; a name that is taken is a conflict.</summary>
        public Task<JsonElement> CreateAsync(string collection, JsonObject value, CancellationToken cancellation) =>
            api.CallAsync(HttpMethod.Post, collection, value, null, cancellation);

        /// <summary>Replaces an object; one that is not the version named in <paramref name="value"/> any more is a conflict.</summary>
        public Task<JsonElement> ReplaceAsync(string path, JsonObject value, CancellationToken cancellation) =>
            api.CallAsync(HttpMethod.Put, path, value, null, cancellation);

        /// <summary>Changes the fields that <paramref name="patch"/> has (RFC 7396); null removes one.</summary>
        public Task<JsonElement> MergePatchAsync(string path, JsonObject patch, CancellationToken cancellation) =>
            api.CallAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", cancellation);

        private async Task<JsonElement> CallAsync(HttpMethod method, string path, JsonObject? body, string? contentType, CancellationToken cancellation)
        {
            var bytes = body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString());
            return JsonElement.Parse(await api.ReadAsync(method, path, bytes, contentType, cancellation));
        }
    }
}
