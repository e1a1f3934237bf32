# The server with its portal and documentation, and the command line `portico`. docs/operate/production.md lists the settings.
# Images are named by tag and digest: `docker buildx imagetools inspect node:24.21.0-bookworm-slim` prints the present digest of a tag.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# No package needs its install script, and none of them can run here.
RUN npm ci --ignore-scripts --loglevel=error
COPY . .
RUN npm run build

# Only the runtime dependencies. The base image includes Node, so the optional packages that contain it are omitted.
FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS dependencies
WORKDIR /dependencies
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --loglevel=error

FROM node:24.21.0-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
ENV NODE_ENV=production
WORKDIR /app
COPY --chmod=755 deploy/portico /usr/local/bin/portico
COPY --from=dependencies /dependencies/node_modules node_modules
COPY --from=build /build/package.json ./
COPY --from=build /build/generated/contract.json generated/contract.json
COPY --from=build /build/dist dist

# A number, because Kubernetes cannot check a name for `runAsNonRoot`. The server writes no files: the root file system can be read-only.
USER 1000:1000
EXPOSE 3000

# Liveness, not readiness: a restart does not fix a server that cannot reach Redis.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/v2/liveness`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# The heap has a limit, in MiB, so that a pod's memory can be planned. Each of several WORKERS has its own.
CMD ["node", "--max-old-space-size=256", "dist/server/src/server/main.js"]
