{{- define "gateway.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* FULLNAME-internal is the name of a Service, which has 63 characters at most. */}}
{{- define "gateway.fullname" -}}
{{- $name := include "gateway.name" . }}
{{- $usual := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- default $usual .Values.fullnameOverride | trunc 54 | trimSuffix "-" }}
{{- end }}

{{- define "gateway.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "gateway.serviceAccountName" -}}
{{- default (ternary (include "gateway.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{/* ingress-nginx's Lease is called FULLNAME-leader. */}}
{{- define "gateway.electionID" -}}
{{- default (printf "%s-election" (include "gateway.fullname" .)) .Values.controller.electionID }}
{{- end }}

{{/* Of the webhook's Service, Secret and ValidatingWebhookConfiguration. */}}
{{- define "gateway.admissionName" -}}
{{- include "gateway.fullname" . | trunc 53 | trimSuffix "-" }}-admission
{{- end }}

{{- define "gateway.watchedNamespace" -}}
{{- default (include "gateway.namespace" .) .Values.controller.scope.namespace }}
{{- end }}

{{- define "gateway.image" -}}
{{- with .Values.controller.image }}
{{- with default $.Values.global.image.registry .registry }}{{ . }}/{{ end }}{{ .image }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{- define "gateway.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gateway.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: controller
{{- end }}

{{/* The labels of an object: (dict "root" $ "labels" its-own "component" its-part-if-not-the-controller). */}}
{{- define "gateway.labels" -}}
{{- $chart := dict
  "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" .root.Chart.AppVersion
  "app.kubernetes.io/managed-by" .root.Release.Service }}
{{- $component := .component | empty | ternary dict (dict "app.kubernetes.io/component" .component) }}
{{- mergeOverwrite (include "gateway.podLabels" . | fromYaml) $chart $component | toYaml }}
{{- end }}

{{/* Those of a pod say nothing of a version, so that the pods of two versions know each other. */}}
{{- define "gateway.podLabels" -}}
{{- mergeOverwrite (dict) (.labels | default dict) .root.Values.controller.labels .root.Values.commonLabels (include "gateway.selectorLabels" .root | fromYaml) | toYaml }}
{{- end }}

{{/*
The metadata of an object: (dict "root" $ "name" … "labels" … "annotations" …), in the release's
namespace unless "namespace" names another or "cluster" says that it has none.
*/}}
{{- define "gateway.metadata" -}}
metadata:
  name: {{ .name | quote }}
  {{- if not .cluster }}
  namespace: {{ default (include "gateway.namespace" .root) .namespace | quote }}
  {{- end }}
  labels:
    {{- include "gateway.labels" . | nindent 4 }}
  {{- with .annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
