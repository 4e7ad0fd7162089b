#!/bin/sh
# Rebuilds graphiql.js, graphiql.css and LICENSES.txt from source/ and the pinned npm packages.
# Needs node 20 or later and the npm registry; the server itself needs neither.
set -eu
cd "$(dirname "$0")"
npm ci --no-audit --no-fund
npx --no-install esbuild source/app.jsx \
  --bundle --minify --format=iife --target=es2020 --jsx=automatic --legal-comments=none \
  --define:process.env.NODE_ENV='"production"' \
  --loader:.woff2=dataurl --metafile=node_modules/.meta.json \
  --outfile=graphiql.js
node licenses.mjs node_modules/.meta.json > LICENSES.txt
rm -rf node_modules
