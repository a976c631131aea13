# The published program is managed code alone: one build serves every architecture, and the runtime
# image brings what is native.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src

# Restored apart from the sources, so that the layer lasts until a package changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Gateway/Gateway.csproj src/Gateway/packages.lock.json src/Gateway/
COPY src/Gateway.Configuration/Gateway.Configuration.csproj src/Gateway.Configuration/packages.lock.json src/Gateway.Configuration/
COPY src/Gateway.Kubernetes/Gateway.Kubernetes.csproj src/Gateway.Kubernetes/packages.lock.json src/Gateway.Kubernetes/
COPY src/Gateway.Proxy/Gateway.Proxy.csproj src/Gateway.Proxy/packages.lock.json src/Gateway.Proxy/
RUN dotnet restore src/Gateway --locked-mode

COPY .editorconfig ./
COPY deploy/demo deploy/demo
COPY src src
RUN dotnet publish src/Gateway --configuration Release --no-restore --output publish -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /src/publish .
USER $APP_UID
EXPOSE 8080 8443 10254
ENTRYPOINT ["dotnet", "gateway.dll"]
