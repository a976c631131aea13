using System.Collections.Frozen;

namespace Gateway.Configuration.Settings;

/// <summary>The keys of ingress-nginx's ConfigMap that are not read.</summary>
internal static class NginxKeys
{
    private static readonly string[] PrefixesWithoutMeaning = ["jaeger-", "zipkin-", "datadog-", "opentracing-"];

    private static readonly FrozenSet<string> WithoutMeaning = FrozenSet.ToFrozenSet(
        """
        access-log-params client-body-buffer-size client-header-buffer-size debug-connections default-type
        enable-aio-write enable-multi-accept enable-serial-reloads forwarded-for-proxy-protocol-header grpc-buffer-size-kb gzip-disable
        http2-max-field-size http2-max-header-size http2-max-requests lua-shared-dicts map-hash-bucket-size max-worker-connections
        max-worker-open-files nginx-status-ipv4-whitelist nginx-status-ipv6-whitelist opentelemetry-config proxy-buffers-number
        proxy-busy-buffers-size proxy-headers-hash-bucket-size proxy-headers-hash-max-size proxy-max-temp-file-size reuse-port
        server-name-hash-bucket-size server-name-hash-max-size ssl-buffer-size ssl-dh-param ssl-session-cache ssl-session-cache-size
        ssl-session-timeout upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size variables-hash-bucket-size
        variables-hash-max-size worker-cpu-affinity worker-processes worker-shutdown-timeout
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    /// <summary>Those of the unsupported ones that protect every host, or may: a snippet can hold anything.</summary>
    public static FrozenSet<string> GuardingAllHosts { get; } = FrozenSet.ToFrozenSet(
        [
            "block-cidrs", "block-referers", "block-user-agents", "denylist-source-range", "whitelist-source-range", "global-auth-url",
            "enable-modsecurity", "enable-owasp-modsecurity-crs", "http-snippet", "server-snippet", "location-snippet",
        ], StringComparer.Ordinal);

    /// <summary>Keys that are not supported yet, with the value by which they ask for nothing that the gateway does not do anyway; null: there is none.</summary>
    public static FrozenDictionary<string, string?> Unsupported { get; } =
        """
        add-headers=
        allow-backend-server-header=false
        allow-cross-namespace-resources=false
        allow-snippet-annotations=false
        annotation-value-word-blocklist=
        annotations-risk-level
        bind-address=
        block-cidrs=
        block-referers=
        block-user-agents=
        brotli-level
        brotli-min-length
        brotli-types
        custom-http-errors=
        denylist-source-range=
        disable-ipv6=false
        disable-ipv6-dns=false
        disable-proxy-intercept-errors=false
        disable-stream-access-log=false
        enable-auth-access-log=false
        enable-brotli=false
        enable-modsecurity=false
        enable-ocsp=false
        enable-opentelemetry=false
        enable-owasp-modsecurity-crs=false
        enable-syslog=false
        error-log-level
        error-log-path
        forwarded-host-header=X-Forwarded-Host
        geoip2-autoreload-in-minutes
        global-allowed-response-headers=
        global-auth-always-set-cookie=false
        global-auth-cache-duration
        global-auth-cache-key=
        global-auth-method
        global-auth-request-redirect=
        global-auth-response-headers=
        global-auth-signin=
        global-auth-signin-redirect-param
        global-auth-snippet=
        global-auth-url=
        gzip-level
        gzip-min-length
        gzip-types
        hide-headers=
        http-access-log-path=
        http-snippet=
        ignore-invalid-headers=true
        keep-alive-requests
        large-client-header-buffers
        limit-conn-status-code
        limit-conn-zone-variable
        limit-rate=0
        limit-rate-after=0
        limit-req-status-code
        load-balance=round_robin
        location-snippet=
        log-format-escape-json
        log-format-escape-none
        log-format-stream
        log-format-upstream
        main-snippet=
        modsecurity-snippet=
        no-auth-locations
        opentelemetry-operation-name
        opentelemetry-trust-incoming-span
        otel-max-export-batch-size
        otel-max-queuesize
        otel-sampler
        otel-sampler-parent-based
        otel-sampler-ratio
        otel-schedule-delay-millis
        otel-service-name
        otlp-collector-host
        otlp-collector-port
        proxy-buffer-size
        proxy-buffering=off
        proxy-cookie-domain=off
        proxy-cookie-path=off
        proxy-http-version=1.1
        proxy-next-upstream
        proxy-next-upstream-timeout=0
        proxy-next-upstream-tries=3
        proxy-protocol-header-timeout
        proxy-redirect-from=off
        proxy-redirect-to=off
        proxy-request-buffering=off
        proxy-set-headers=
        proxy-ssl-location-only=false
        proxy-stream-next-upstream
        proxy-stream-next-upstream-timeout
        proxy-stream-next-upstream-tries
        proxy-stream-responses
        proxy-stream-timeout
        relative-redirects=false
        retry-non-idempotent=false
        server-snippet=
        server-tokens=false
        service-upstream=false
        skip-access-log-urls=
        ssl-ciphers
        ssl-early-data=false
        ssl-ecdh-curve=auto
        ssl-session-ticket-key=
        ssl-session-tickets=false
        stream-access-log-path=
        stream-snippet=
        strict-validate-path-type
        syslog-host=
        syslog-port
        upstream-keepalive-requests
        use-geoip2=false
        use-gzip=false
        use-port-in-redirects=false
        use-proxy-protocol=false
        whitelist-source-range=
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('='))
        .ToFrozenDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1), StringComparer.Ordinal);

    /// <summary>Whether the key tunes a part of nginx that the gateway does not have, or one that ingress-nginx itself has dropped.</summary>
    public static bool IsWithoutMeaning(string key) =>
        WithoutMeaning.Contains(key) || Array.Exists(PrefixesWithoutMeaning, prefix => key.StartsWith(prefix, StringComparison.Ordinal));
}
