#!/usr/bin/env bash
# What `make lint` asks of the dashboard: types that are those of the server's description, no fault of types or tests, and
# built files that are those of these sources. Nothing here is changed by it. Without Node, or without its packages, it
# says so: the built files are committed, and nothing else needs it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v npm >/dev/null; then
  echo "no Node here: the dashboard's sources are not checked"
  exit 0
fi
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  if ! npm ci --silent; then
    npm ping >/dev/null 2>&1 && exit 1
    echo "npm's registry cannot be reached: the dashboard's sources are not checked"
    exit 0
  fi
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
npm run --silent types -- "$made/schema.d.ts"
diff -u src/api/schema.d.ts "$made/schema.d.ts" >/dev/null || { echo "src/api/schema.d.ts is not of this server: npm run types"; exit 1; }
diff -u src/api/words.ts "$made/words.ts" >/dev/null || { echo "src/api/words.ts is not of this server: npm run types"; exit 1; }
npm run --silent check
npm run --silent test -- --reporter=dot
npm run --silent build -- --outDir "$made/dashboard" --logLevel error
diff -rq ../backend/app/dashboard "$made/dashboard" || { echo "backend/app/dashboard is not built from these sources: npm run build"; exit 1; }
