import { apiKeyStore } from './api-keys.ts';
import { apiStore } from './apis.ts';
import { type AuditLimits, auditLog, auditStore } from './audit.ts';
import { readHealth } from './health.ts';
import { idempotencyStore } from './idempotency.ts';
import { openapiDocumentStore } from './openapi-documents.ts';
import { portalStore } from './portals.ts';
import type { Redis } from './redis.ts';
import { rootKeyStore } from './root-keys.ts';
import { sessionStore } from './sessions.ts';
import { usageStore } from './usage.ts';
import { workspaceStore } from './workspaces.ts';

/** Everything that is kept, by the kind of record. */
export type Store = ReturnType<typeof createStore>;

/** The store on one Redis. */
export function createStore(redis: Redis, limits: AuditLimits) {
  const audit = auditLog(limits);
  return {
    workspaces: workspaceStore(redis, audit),
    rootKeys: rootKeyStore(redis, audit),
    portals: portalStore(redis, audit),
    apis: apiStore(redis, audit),
    openapiDocuments: openapiDocumentStore(redis),
    sessions: sessionStore(redis, audit),
    audit: auditStore(redis, limits),
    idempotency: idempotencyStore(redis),
    health: () => readHealth(redis),
    apiKeys: apiKeyStore(redis),
    usage: usageStore(redis),
    /** Throws StoreUnavailable where Redis does not answer. */
    ping: async (): Promise<void> => {
      await redis.run((client) => client.ping());
    },
    close: () => redis.close(),
  };
}
