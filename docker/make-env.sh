#!/bin/bash
# Write .env from .env.example with fresh secrets; an existing .env is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -e .env ]; then
  echo ".env já existe e não foi alterado"
  exit 0
fi
umask 077
random() { head -c "$1" /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }
while IFS= read -r line; do
  case $line in
    # HMAC-SHA-512 wants 64 bytes; a Fernet key has exactly 32.
    SINESP_API_SECRET= | SINESP_JWT_SECRET=) echo "$line$(random 64)" ;;
    SINESP_*=) echo "$line$(random 32)" ;;
    *) echo "$line" ;;
  esac
done < .env.example > .env
echo "Criado .env. Senha do usuário admin do Airflow: $(sed -n 's/^SINESP_AIRFLOW_PASSWORD=//p' .env)"
