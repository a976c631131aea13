{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "gateway.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "gateway.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "gateway.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gateway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end }}

{{- define "gateway.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "gateway.selectorLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "gateway.image" -}}
{{- with .Values.controller.image }}
{{- with .registry }}{{ . }}/{{ end }}{{ .image }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{/* A value as written: Helm reads every number as a float and prints 31536000 as 3.1536e+07. */}}
{{- define "gateway.scalar" -}}
{{- if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* The flags of `gateway run`: the chart's own, overridden by controller.extraArgs. */}}
{{- define "gateway.args" -}}
{{- $args := dict
  "manifests" "/etc/gateway/manifests"
  "http-port" .Values.controller.containerPort.http
  "https-port" .Values.controller.containerPort.https
  "public-http-port" .Values.controller.service.ports.http
  "pre-stop-delay" "10s"
  "shutdown-timeout" "240s" }}
{{- if .Values.controller.config }}
{{- $_ := set $args "configmap" (printf "%s/%s" .Release.Namespace (include "gateway.fullname" .)) }}
{{- end }}
{{- range $flag, $value := mergeOverwrite $args .Values.controller.extraArgs }}
{{- $text := include "gateway.scalar" $value }}
- {{ printf "--%s%s" $flag (empty $text | ternary "" (print "=" $text)) | quote }}
{{- end }}
{{- end }}
