{{- define "book-proxy.name" -}}
{{- printf "%s" .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "book-proxy.labels" -}}
app.kubernetes.io/name: book-proxy
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "book-proxy.selector" -}}
app.kubernetes.io/name: book-proxy
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "book-proxy.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "book-proxy.env" -}}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- if .Values.qdrant.enabled }}
- name: QDRANT_URL
  value: http://{{ include "book-proxy.name" . }}-qdrant:6333
{{- end }}
- name: PROXY_DATA_DIR
  value: /data
- name: PROXY_DRAIN_TIMEOUT_S
  value: {{ .Values.drainSeconds | quote }}
- name: METRICS_PORT
  value: {{ .Values.metrics.port | quote }}
- name: METRICS_HOST
  value: 0.0.0.0
{{- end -}}

{{- define "book-proxy.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
