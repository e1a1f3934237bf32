# The server, its portal and its documentation, and the command line `portico`. What they are configured by is in README.md.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --loglevel=error
COPY . .
RUN npm run build

# What runs needs no more than this. The image brings Node itself, so the packages that hold it are left out too.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --loglevel=error

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --chmod=755 deploy/portico /usr/local/bin/portico
COPY --from=dependencies /dependencies/node_modules node_modules
COPY --from=build /build/package.json ./
COPY --from=build /build/generated/contract.json generated/contract.json
COPY --from=build /build/dist dist

# By number, so that Kubernetes can see that it is not root. Nothing is written: the root file system may be read-only.
USER 1000:1000
EXPOSE 3000

# Liveness, not readiness: a server whose Redis is away is not mended by being started again.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/v2/liveness`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

CMD ["node", "dist/server/src/main.js"]
