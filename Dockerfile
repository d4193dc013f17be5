# syntax=docker/dockerfile:1
# Everything of Weir that runs on Node.js: agent, functions, command line. The command says which.
FROM node:24-bookworm-slim AS build
WORKDIR /weir
COPY package.json package-lock.json .npmrc ./
COPY contracts/package.json contracts/
COPY capture-agent/package.json capture-agent/
COPY functions/package.json functions/
COPY dashboard/server/package.json dashboard/server/
COPY dashboard/web/package.json dashboard/web/
COPY cli/package.json cli/
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY . .
RUN node scripts/prepare.mjs && npm prune --omit=dev --no-audit --no-fund && find . -name '*.tsbuildinfo' -not -path './node_modules/*' -delete

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /weir
COPY --from=build /weir ./
# Where the dashboard keeps its history.
RUN install -d -o node -g node /data
USER node
# The Kafka client reckons with waits below 0, of which Node.js warns.
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "cli/bin/weir.js"]
CMD ["help"]
