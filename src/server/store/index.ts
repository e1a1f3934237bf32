import { apiKeyStore } from './api-keys.ts';
import { apiStore } from './apis.ts';
import { type AuditLimits, auditLog, auditStore } from './audit.ts';
import { readHealth } from './health.ts';
import { idempotencyStore } from './idempotency.ts';
import { openapiDocumentStore } from './openapi-documents.ts';
import { portalStore } from './portals.ts';
import { addressLimiters, noRateLimits } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { rootKeyCheck, rootKeyStore } from './root-keys.ts';
import { sessionStore } from './sessions.ts';
import { signingKeyStore } from './signing-key.ts';
import { usageStore } from './usage.ts';
import { workspaceStore } from './workspaces.ts';

/** Everything that is stored, by the kind of record. */
export type Store = ReturnType<typeof createStore>;

/** The store on one Redis. Counts calls that have a limit. */
export function createStore(redis: Redis, limits: AuditLimits, rateLimits = noRateLimits) {
  const audit = auditLog(limits);
  const check = rootKeyCheck(rateLimits);
  return {
    workspaces: workspaceStore(redis, audit),
    rootKeys: rootKeyStore(redis, audit, check),
    portals: portalStore(redis, audit),
    apis: apiStore(redis, audit),
    openapiDocuments: openapiDocumentStore(redis),
    sessions: sessionStore(redis, audit, check, rateLimits),
    ...addressLimiters(redis, rateLimits),
    ...signingKeyStore(redis),
    audit: auditStore(redis, limits),
    idempotency: idempotencyStore(redis),
    health: () => readHealth(redis),
    apiKeys: apiKeyStore(redis),
    usage: usageStore(redis, check),
    /** @throws StoreUnavailable if Redis does not reply, cannot serve all records, or would refuse a write */
    probe: () => redis.probe(),
    close: () => redis.close(),
  };
}
