{{/* A value as written: Helm reads every number as a float and prints 31536000 as 3.1536e+07. */}}
{{- define "gateway.scalar" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* A duration among the flags, in whole seconds: (list flag flags). */}}
{{- define "gateway.seconds" -}}
{{- $text := include "gateway.scalar" (get (last .) (first .)) }}
{{- if not (regexMatch "^[0-9]+([.][0-9]+)?(ms|s|m|h)?$" $text) }}
{{- fail (printf "controller.extraArgs.%s: %s is no duration such as 30s or 2m" (first .) (quote $text)) }}
{{- end }}
{{- $units := dict "ms" 0.001 "m" 60 "h" 3600 }}
{{- get $units (regexFind "[a-z]+$" $text) | default 1 | mulf (regexFind "^[0-9.]+" $text) | ceil | int }}
{{- end }}

{{/* The entries of a map that are neither empty, 0 nor false. */}}
{{- define "gateway.given" -}}
{{- $given := dict }}
{{- range $key, $value := . }}
{{- if $value }}
{{- $_ := set $given $key (kindIs "float64" $value | ternary (int64 $value) $value) }}
{{- end }}
{{- end }}
{{- with $given }}{{ toYaml . }}{{ end }}
{{- end }}

{{/* Sets in a map what another says, be it false or 0: (list map other). It gives no text. */}}
{{- define "gateway.override" -}}
{{- range $key, $value := last . }}
{{- $_ := set (first $) $key (kindIs "float64" $value | ternary (int64 $value) $value) }}
{{- end }}
{{- end }}

{{/* Which of ingress-nginx's values of a kind ("refused", "noted") are set: (list kind $). */}}
{{- define "gateway.foreign" -}}
{{- $root := last . }}
{{- range $path, $why := get ($root.Files.Get "ingress-nginx.yaml" | fromYaml) (first .) }}
{{- $value := $root.Values }}
{{- range splitList "." $path }}
{{- if kindIs "map" $value }}{{ $value = get $value . }}{{ else }}{{ $value = "" }}{{ end }}
{{- end }}
{{- if $value }}
{{ $path }}: {{ $why }}
{{- end }}
{{- end }}
{{- end }}

{{/* Stops the rendering where values do not go together. */}}
{{- define "gateway.validate" -}}
{{- $controller := .Values.controller }}
{{- with include "gateway.foreign" (list "refused" .) }}
{{- fail (printf "\nValues of ingress-nginx that mean nothing here:%s" .) }}
{{- end }}
{{- range $flag, $why := get (.Files.Get "ingress-nginx.yaml" | fromYaml) "flags" }}
{{- if hasKey $controller.extraArgs $flag }}
{{- fail (printf "controller.extraArgs.%s: %s" $flag $why) }}
{{- end }}
{{- end }}
{{- $fullname := include "gateway.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $fullname) }}
{{- fail (printf "fullnameOverride: the objects would be called %q, but the name of a Service begins with a letter and has nothing but small letters, digits and hyphens" $fullname) }}
{{- end }}
{{- range $name, $port := $controller.containerPort }}
{{- if lt ($port | int) 1024 }}
{{- fail (printf "controller.containerPort.%s: the gateway runs as a normal user without capabilities, which may not take port %v; where nodes shall answer at ports 80 and 443, set controller.hostPort.enabled=true and leave hostNetwork off" $name $port) }}
{{- end }}
{{- if and $controller.hostNetwork $controller.hostPort.enabled (ne ($port | int) (get $controller.hostPort.ports $name | int)) }}
{{- fail (printf "controller.hostPort.ports.%s: with hostNetwork the gateway takes the port of controller.containerPort.%s from the node itself; set hostNetwork=false and hostPort maps any port, or hostPort.enabled=false and the node answers at port %v" $name $name $port) }}
{{- end }}
{{- end }}
{{- $flags := include "gateway.flags" . | fromYaml }}
{{- $delay := include "gateway.seconds" (list "pre-stop-delay" $flags) | int }}
{{- $drain := include "gateway.seconds" (list "shutdown-timeout" $flags) | int }}
{{- if gt (add $delay $drain) (int64 $controller.terminationGracePeriodSeconds) }}
{{- fail (printf "controller.terminationGracePeriodSeconds: %v s are too few to serve on for %d s (pre-stop-delay) and then drain for %d s (shutdown-timeout); lengthen it, or set shorter ones in controller.extraArgs" $controller.terminationGracePeriodSeconds $delay $drain) }}
{{- end }}
{{- if and $controller.scope.enabled $controller.scope.namespaceSelector }}
{{- fail "controller.scope: either one namespace is watched (enabled) or those that namespaceSelector selects" }}
{{- end }}
{{- if eq $controller.kind "DaemonSet" }}
{{- if $controller.autoscaling.enabled }}
{{- fail "controller.autoscaling.enabled: a DaemonSet has one pod a node and cannot be scaled" }}
{{- end }}
{{- end }}
{{- with $controller.autoscaling }}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) }}
{{- fail (printf "controller.autoscaling.minReplicas: %v are more than maxReplicas, %v" .minReplicas .maxReplicas) }}
{{- end }}
{{- end }}
{{- $ports := list ($controller.containerPort.http | int) ($controller.containerPort.https | int) ($controller.metrics.port | int) }}
{{- if $controller.admissionWebhooks.enabled }}
{{- $ports = append $ports ($controller.admissionWebhooks.port | int) }}
{{- if and $controller.networkPolicy.enabled (not $controller.networkPolicy.webhookFrom) }}
{{- fail "controller.networkPolicy.webhookFrom: say where the API server's connections come from (its addresses: kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes), or nobody reaches the webhook" }}
{{- end }}
{{- end }}
{{- if ne (len $ports) (uniq $ports | len) }}
{{- fail (printf "controller.containerPort, controller.metrics.port and controller.admissionWebhooks.port: a port is used twice in %s" (join ", " $ports)) }}
{{- end }}
{{- with $controller.ingressClassResource }}
{{- if and .enabled .nginx.enabled (has "nginx" (prepend .aliases .name)) }}
{{- fail "controller.ingressClassResource: with nginx.enabled, name and aliases must be other names than nginx" }}
{{- end }}
{{- end }}
{{- end }}
