#!/usr/bin/env bash
# Writes gateway.yaml, the chart with its defaults, for `kubectl apply -f` without Helm.
# Usage: deploy/render.sh [OUTPUT]; HELM names the program if it is not on the path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
output=${1:-gateway.yaml}

cat > "$output" << 'END'
# Made by deploy/render.sh from charts/gateway: change that instead.
apiVersion: v1
kind: Namespace
metadata:
  name: gateway
  labels:
    pod-security.kubernetes.io/enforce: restricted
END
# What only Helm needs is left out.
"${HELM:-helm}" template gateway ../charts/gateway --namespace gateway --skip-tests |
  sed '/^ *helm\.sh\/chart:/d; /^ *app\.kubernetes\.io\/managed-by:/d; /^# Source:/d' >> "$output"
