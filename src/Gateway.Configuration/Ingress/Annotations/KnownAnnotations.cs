using System.Collections.Frozen;

namespace Gateway.Configuration.Ingress.Annotations;

/// <summary>The annotations that ingress-nginx and YARP's ingress know, without their prefix.</summary>
internal static class KnownAnnotations
{
    /// <summary>ingress-nginx's.</summary>
    public static FrozenSet<string> Nginx { get; } = Words(
        """
        affinity affinity-canary-behavior affinity-mode allowlist-source-range app-root auth-always-set-cookie auth-cache-duration
        auth-cache-key auth-keepalive auth-keepalive-requests auth-keepalive-share-vars auth-keepalive-timeout auth-method
        auth-proxy-set-headers auth-realm auth-request-redirect auth-response-headers auth-secret auth-secret-type auth-signin
        auth-signin-redirect-param auth-snippet auth-tls-error-page auth-tls-match-cn auth-tls-pass-certificate-to-upstream
        auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-type auth-url backend-protocol canary canary-by-cookie
        canary-by-header canary-by-header-pattern canary-by-header-value canary-weight canary-weight-total client-body-buffer-size
        configuration-snippet connection-proxy-header cors-allow-credentials cors-allow-headers cors-allow-methods cors-allow-origin
        cors-expose-headers cors-max-age custom-headers custom-http-errors default-backend denylist-source-range
        disable-proxy-intercept-errors enable-access-log enable-cors enable-global-auth enable-modsecurity enable-opentelemetry
        enable-owasp-core-rules enable-rewrite-log fastcgi-index fastcgi-params-configmap force-ssl-redirect from-to-www-redirect
        http2-push-preload limit-allowlist limit-burst-multiplier limit-connections limit-rate limit-rate-after limit-rpm limit-rps
        limit-whitelist load-balance mirror-host mirror-request-body mirror-target modsecurity-snippet modsecurity-transaction-id
        opentelemetry-operation-name opentelemetry-trust-incoming-span permanent-redirect permanent-redirect-code
        preserve-trailing-slash proxy-body-size proxy-buffer-size proxy-buffering proxy-buffers-number proxy-busy-buffers-size
        proxy-connect-timeout proxy-cookie-domain proxy-cookie-path proxy-http-version proxy-max-temp-file-size proxy-next-upstream
        proxy-next-upstream-timeout proxy-next-upstream-tries proxy-read-timeout proxy-redirect-from proxy-redirect-to
        proxy-request-buffering proxy-send-timeout proxy-ssl-ciphers proxy-ssl-name proxy-ssl-protocols proxy-ssl-secret
        proxy-ssl-server-name proxy-ssl-verify proxy-ssl-verify-depth relative-redirects rewrite-target satisfy server-alias
        server-snippet service-upstream session-cookie-change-on-failure session-cookie-conditional-samesite-none
        session-cookie-domain session-cookie-expires session-cookie-max-age session-cookie-name session-cookie-path
        session-cookie-samesite session-cookie-secure ssl-ciphers ssl-passthrough ssl-prefer-server-ciphers ssl-redirect
        stream-snippet temporal-redirect temporal-redirect-code upstream-hash-by upstream-hash-by-subset
        upstream-hash-by-subset-size upstream-vhost use-port-in-redirects use-regex whitelist-source-range x-forwarded-prefix
        """);

    /// <summary>YARP's.</summary>
    public static FrozenSet<string> Yarp { get; } = Words(
        """
        authorization-policy backend-protocol cors-policy health-check http-client load-balancing output-cache-policy
        rate-limiter-policy route-headers route-metadata route-methods route-order route-queryparameters session-affinity
        timeout-policy transforms
        """);

    /// <summary>Those that tune parts of nginx which the gateway does not have: nothing is lost without them.</summary>
    public static FrozenSet<string> WithoutMeaning { get; } = Words(
        """
        client-body-buffer-size enable-rewrite-log http2-push-preload proxy-buffers-number proxy-busy-buffers-size
        proxy-max-temp-file-size
        """);

    /// <summary>Those that an explicit false turns off.</summary>
    public static FrozenSet<string> Switches { get; } = Words(
        """
        auth-always-set-cookie auth-tls-pass-certificate-to-upstream disable-proxy-intercept-errors enable-access-log enable-cors
        enable-modsecurity enable-opentelemetry enable-owasp-core-rules from-to-www-redirect relative-redirects service-upstream
        ssl-passthrough upstream-hash-by-subset use-port-in-redirects use-regex
        """);

    /// <summary>Those whose value <c>off</c> asks for what the gateway does anyway.</summary>
    public static FrozenSet<string> OffByName { get; } = Words(
        """
        proxy-buffering proxy-cookie-domain proxy-cookie-path proxy-redirect-from proxy-redirect-to proxy-request-buffering
        proxy-ssl-server-name proxy-ssl-verify
        """);

    /// <summary>Whether an annotation under ingress-nginx's prefix must not be ignored. A snippet may hold anything, a <c>deny all</c> too.</summary>
    public static bool FailsClosed(string name) =>
        name.StartsWith("auth-", StringComparison.Ordinal)
        || name.StartsWith("modsecurity-", StringComparison.Ordinal)
        || name.StartsWith("enable-owasp", StringComparison.Ordinal)
        || name.EndsWith("-snippet", StringComparison.Ordinal)
        || name is "allowlist-source-range" or "whitelist-source-range" or "denylist-source-range" or "satisfy"
            or "enable-modsecurity" or "ssl-passthrough" or "rewrite-target" or "use-regex";

    /// <summary>Whether an annotation under YARP's prefix must not be ignored: it protects the route, or narrows or rewrites what it takes.</summary>
    public static bool YarpFailsClosed(string name) =>
        name is "authorization-policy" or "route-headers" or "route-methods" or "route-queryparameters" or "transforms";

    private static FrozenSet<string> Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
