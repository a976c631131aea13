{{/*
What the gateway may do, by where it does it. It gets single objects too, since an Event carries the
uid of the one concerned.
*/}}

{{/* Not empty where nothing but Roles is granted. */}}
{{- define "gateway.rolesOnly" -}}
{{- if and .Values.controller.scope.enabled .Values.rbac.scope }}true{{ end }}
{{- end }}

{{/* Not empty where it writes the status of Ingresses. */}}
{{- define "gateway.writesStatus" -}}
{{- if ne (include "gateway.flags" . | fromYaml | dig "update-status" true | toString) "false" }}true{{ end }}
{{- end }}

{{/* Not empty where that status names the nodes on which the gateway runs. */}}
{{- define "gateway.publishesNodes" -}}
{{- $flags := include "gateway.flags" . | fromYaml }}
{{- if and (include "gateway.writesStatus" .) (not (get $flags "publish-service")) (not (get $flags "publish-status-address")) }}true{{ end }}
{{- end }}

{{/* In every namespace that it watches. */}}
{{- define "gateway.watchedRules" -}}
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
{{- if not .Values.rbac.secretNamespaces }}
{{ include "gateway.secretRules" . }}
{{- end }}
{{- if include "gateway.writesStatus" . }}
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [patch]
{{- end }}
{{ include "gateway.eventRules" . }}
{{- end }}

{{- define "gateway.secretRules" -}}
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch]
{{- end }}

{{- define "gateway.eventRules" -}}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* On objects that lie in no namespace. */}}
{{- define "gateway.clusterRules" -}}
- apiGroups: [networking.k8s.io]
  resources: [ingressclasses]
  verbs: [get, list, watch]
{{- if .Values.controller.scope.namespaceSelector }}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- end }}
{{- if include "gateway.publishesNodes" . }}
- apiGroups: [""]
  resources: [nodes]
  verbs: [get]
{{- end }}
{{- if .Values.controller.admissionWebhooks.enabled }}
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingwebhookconfigurations]
  resourceNames: [{{ include "gateway.admissionName" . | quote }}]
  verbs: [get, patch]
{{- end }}
{{- end }}

{{/* In its own namespace. */}}
{{- define "gateway.ownRules" -}}
- apiGroups: [""]
  resources: [configmaps]
  resourceNames: [{{ include "gateway.fullname" . | quote }}]
  verbs: [get, list, watch]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "gateway.electionID" . | quote }}]
  verbs: [get, update]
{{- /* On which nodes it runs, and whether the replica that stops is the last. */}}
{{- if include "gateway.writesStatus" . }}
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list]
{{- end }}
{{- if .Values.controller.scope.enabled }}
{{ include "gateway.eventRules" . }}
{{- end }}
{{- if .Values.controller.admissionWebhooks.enabled }}
{{- $given := include "gateway.rolesOnly" . }}
{{- if not $given }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [create]
{{- end }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [{{ include "gateway.admissionName" . | quote }}]
  verbs: [get{{ if not $given }}, update{{ end }}]
{{- end }}
{{- end }}
