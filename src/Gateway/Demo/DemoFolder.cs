using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Demo;

/// <summary>
/// A temporary folder with the bundled manifests and what can only be known at start: Services with the ports of the
/// sample backends, and a Secret with a fresh certificate (so that no private key is shipped).
/// </summary>
internal sealed class DemoFolder : IDisposable
{
    private const string SecureHost = "secure.localhost";

    private DemoFolder(string path) => Path = path;

    /// <summary>Where it is: edit the files there while the demo runs, and see it follow.</summary>
    public string Path { get; }

    /// <summary>Makes it.</summary>
    public static DemoFolder Create(SampleBackends backends)
    {
        var folder = new DemoFolder(Directory.CreateTempSubdirectory("gateway-demo-").FullName);
        foreach (var file in Directory.EnumerateFiles(System.IO.Path.Combine(AppContext.BaseDirectory, "demo"), "*.yaml"))
            File.Copy(file, System.IO.Path.Combine(folder.Path, System.IO.Path.GetFileName(file)));
        File.WriteAllText(System.IO.Path.Combine(folder.Path, "services.yaml"), Services(backends.Ports));
        File.WriteAllText(System.IO.Path.Combine(folder.Path, "certificate.yaml"), Certificate());
        return folder;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static string Services(IReadOnlyDictionary<string, int> ports)
    {
        var yaml = new StringBuilder("# Made at start: the sample backends listen on ports that the system chose.\n");
        foreach (var (name, port) in ports)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"""
                ---
                apiVersion: v1
                kind: Service
                metadata:
                  name: {name}
                  namespace: demo
                spec:
                  ports:
                    - name: http
                      port: 80
                      targetPort: {port}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: {name}-1
                  namespace: demo
                  labels:
                    kubernetes.io/service-name: {name}
                addressType: IPv4
                ports:
                  - name: http
                    port: {port}
                endpoints:
                  - addresses: ["127.0.0.1"]

                """);
        }
        return yaml.ToString();
    }

    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={SecureHost}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(SecureHost);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return $"""
            # Made at start, so that no private key is shipped.
            apiVersion: v1
            kind: Secret
            metadata:
              name: demo-tls
              namespace: demo
            type: kubernetes.io/tls
            data:
              tls.crt: {Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()))}
              tls.key: {Convert.ToBase64String(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()))}

            """;
    }
}
