{{/* The flags of `gateway run` as a map: the chart's own, overridden by controller.extraArgs. */}}
{{- define "gateway.flags" -}}
{{- $controller := .Values.controller }}
{{- $namespace := include "gateway.namespace" . }}
{{- $fullname := include "gateway.fullname" . }}
{{- $flags := dict
  "http-port" $controller.containerPort.http
  "https-port" $controller.containerPort.https
  "admin-port" $controller.metrics.port
  "configmap" (printf "%s/%s" $namespace $fullname)
  "election-id" (include "gateway.electionID" .)
  "pre-stop-delay" "10s" }}

{{- if $controller.service.enabled }}
{{- $_ := set $flags "public-http-port" $controller.service.ports.http }}
{{- else if $controller.hostPort.enabled }}
{{- $_ := set $flags "public-http-port" $controller.hostPort.ports.http }}
{{- end }}

{{- with $controller.ingressClassResource }}
{{- if ne .controllerValue "gateway.yarp/ingress-controller" }}
{{- $_ := set $flags "controller-class" (list .controllerValue) }}
{{- if .nginx.enabled }}
{{- $_ := set $flags "controller-class" (list .controllerValue "k8s.io/ingress-nginx" | uniq) }}
{{- end }}
{{- end }}
{{- end }}
{{- with default (include "gateway.rolesOnly" . | empty | ternary "" $controller.ingressClassResource.name) $controller.ingressClass }}
{{- $_ := set $flags "ingress-class" . }}
{{- end }}
{{- if $controller.ingressClassByName }}{{ $_ := set $flags "ingress-class-by-name" true }}{{ end }}
{{- if $controller.watchIngressWithoutClass }}{{ $_ := set $flags "watch-ingress-without-class" true }}{{ end }}
{{- if $controller.takeOver }}{{ $_ := set $flags "take-over" true }}{{ end }}

{{- if $controller.scope.enabled }}
{{- $_ := set $flags "watch-namespace" (include "gateway.watchedNamespace" .) }}
{{- end }}
{{- with $controller.scope.namespaceSelector }}{{ $_ := set $flags "watch-namespace-selector" . }}{{ end }}
{{- with .Values.rbac.secretNamespaces }}{{ $_ := set $flags "secret-namespaces" (join "," .) }}{{ end }}

{{- if $controller.publishService.enabled }}
{{- if $controller.publishService.pathOverride }}
{{- $_ := set $flags "publish-service" $controller.publishService.pathOverride }}
{{- else if and $controller.service.enabled $controller.service.external.enabled }}
{{- $_ := set $flags "publish-service" (printf "%s/%s" $namespace $fullname) }}
{{- else if and $controller.service.enabled $controller.service.internal.enabled }}
{{- $_ := set $flags "publish-service" (printf "%s/%s-internal" $namespace $fullname) }}
{{- end }}
{{- end }}
{{- if $controller.reportNodeInternalIp }}{{ $_ := set $flags "report-node-internal-ip-address" true }}{{ end }}

{{- if $controller.admissionWebhooks.enabled }}
{{- $_ := set $flags "validating-webhook-port" $controller.admissionWebhooks.port }}
{{- $_ := set $flags "validating-webhook-secret" (include "gateway.admissionName" .) }}
{{- if not (include "gateway.rolesOnly" .) }}
{{- $_ := set $flags "validating-webhook-configuration" (include "gateway.admissionName" .) }}
{{- end }}
{{- end }}

{{- include "gateway.override" (list $flags $controller.extraArgs) }}
{{- if not (hasKey $flags "shutdown-timeout") }}
{{- $left := include "gateway.seconds" (list "pre-stop-delay" $flags) | sub $controller.terminationGracePeriodSeconds }}
{{- $_ := set $flags "shutdown-timeout" (printf "%ds" (sub $left 5 | max 1 | min 240)) }}
{{- end }}
{{- toYaml $flags }}
{{- end }}

{{- define "gateway.args" -}}
{{- range $flag, $value := include "gateway.flags" . | fromYaml }}
{{- range kindIs "slice" $value | ternary $value (list $value) }}
{{- $text := include "gateway.scalar" . }}
- {{ printf "--%s%s" $flag (empty $text | ternary "" (print "=" $text)) | quote }}
{{- end }}
{{- end }}
{{- end }}
