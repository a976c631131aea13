{{/* The template of the gateway's pods. */}}
{{- define "gateway.podTemplate" -}}
{{- $controller := .Values.controller -}}
metadata:
  labels:
    {{- include "gateway.podLabels" (dict "root" . "labels" $controller.podLabels) | nindent 4 }}
  {{- with $controller.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "gateway.serviceAccountName" . | quote }}
  automountServiceAccountToken: {{ .Values.serviceAccount.automountServiceAccountToken }}
  terminationGracePeriodSeconds: {{ $controller.terminationGracePeriodSeconds | int64 }}
  dnsPolicy: {{ default (ternary "ClusterFirstWithHostNet" "ClusterFirst" $controller.hostNetwork) $controller.dnsPolicy }}
  {{- with include "gateway.given" (pick $controller "priorityClassName" "runtimeClassName" "hostNetwork" "hostAliases" "dnsConfig" "shareProcessNamespace" "nodeSelector" "tolerations") }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $controller.affinity }}
  affinity:
    {{- tpl (toYaml .) $ | nindent 4 }}
  {{- end }}
  {{- with $controller.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    - {{ tpl (toYaml .) $ | nindent 6 | trim }}
      {{- if not .labelSelector }}
      labelSelector:
        matchLabels:
          {{- include "gateway.selectorLabels" $ | nindent 10 }}
      {{- end }}
    {{- end }}
  {{- end }}
  {{- $security := dict "runAsNonRoot" true "runAsUser" ($controller.image.runAsUser | int64) "runAsGroup" ($controller.image.runAsGroup | int64) "seccompProfile" (dict "type" "RuntimeDefault") }}
  {{- with $controller.sysctls }}
  {{- $sysctls := list }}
  {{- range $name, $value := . }}
  {{- $sysctls = append $sysctls (dict "name" $name "value" (include "gateway.scalar" $value)) }}
  {{- end }}
  {{- $_ := set $security "sysctls" $sysctls }}
  {{- end }}
  {{- include "gateway.override" (list $security $controller.podSecurityContext) }}
  securityContext:
    {{- toYaml $security | nindent 4 }}
  {{- with $controller.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: controller
      image: {{ include "gateway.image" . | quote }}
      imagePullPolicy: {{ $controller.image.pullPolicy }}
      args:
        - run
        {{- include "gateway.args" . | trim | nindent 8 }}
      env:
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        {{- with $controller.extraEnvs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      ports:
        {{- range $name, $port := $controller.containerPort }}
        - name: {{ $name }}
          containerPort: {{ $port }}
          {{- if $controller.hostPort.enabled }}
          hostPort: {{ index $controller.hostPort.ports $name }}
          {{- end }}
        {{- end }}
        - name: admin
          containerPort: {{ $controller.metrics.port }}
        {{- if $controller.admissionWebhooks.enabled }}
        - name: webhook
          containerPort: {{ $controller.admissionWebhooks.port }}
        {{- end }}
      {{- with include "gateway.given" (pick $controller "livenessProbe" "readinessProbe" "startupProbe" "resources" "resizePolicy") }}
      {{- . | nindent 6 }}
      {{- end }}
      {{- $container := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")) }}
      {{- include "gateway.override" (list $container $controller.containerSecurityContext) }}
      securityContext:
        {{- toYaml $container | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- with $controller.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with $controller.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir: {}
    {{- with $controller.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
