using System.Globalization;
using Gateway.Configuration.Settings;
using Gateway.Proxy.Clients;

namespace Gateway.Proxy;

/// <summary>What requests need of the whole-gateway settings, compiled once per change; immutable.</summary>
internal sealed class ProxyState(GatewaySettings settings)
{
    public GatewaySettings Settings { get; } = settings;

    public ClientResolver Clients { get; } = new(settings);

    /// <summary>The <c>Strict-Transport-Security</c> value of https answers (RFC 6797 6.1), or null.</summary>
    public string? StrictTransportSecurity { get; } = Compile(settings);

    private static string? Compile(GatewaySettings settings) =>
        !settings.Hsts
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"max-age={settings.HstsMaxAge}")
              + (settings.HstsIncludeSubdomains ? "; includeSubDomains" : "")
              + (settings.HstsPreload ? "; preload" : "");
}
