#!/bin/sh
# Asks the book with curl; the passages it rests on are in the answer, too.
#   sh ask.sh "What is an edition of a book?"
set -eu

base_url="${OPENAI_BASE_URL:-http://127.0.0.1:8000/v1}"
question="${1:-What is an edition of a book?}"
# What quotation marks and backslashes do to JSON, the shell does not know.
escaped=$(printf '%s' "$question" | sed 's/\\/\\\\/g; s/"/\\"/g')

curl --silent --show-error --fail-with-body "$base_url/chat/completions" \
  -H "authorization: Bearer ${OPENAI_API_KEY:-none}" \
  -H "content-type: application/json" \
  -d "{\"model\": \"gpt-4o\", \"messages\": [{\"role\": \"user\", \"content\": \"$escaped\"}]}"
echo
