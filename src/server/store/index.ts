import { apiKeyStore } from './api-keys.ts';
import { apiStore } from './apis.ts';
import { type AuditLimits, auditLog, auditStore } from './audit.ts';
import { readHealth } from './health.ts';
import { idempotencyStore } from './idempotency.ts';
import { defaultLimits, quotaOf, type StoreLimits } from './limits.ts';
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
export function createStore(
  redis: Redis,
  auditLimits: AuditLimits,
  rateLimits = noRateLimits,
  limits: StoreLimits = defaultLimits,
) {
  const audit = auditLog(auditLimits);
  const quota = quotaOf(limits);
  const check = rootKeyCheck(rateLimits);
  return {
    workspaces: workspaceStore(redis, audit),
    rootKeys: rootKeyStore(redis, audit, check, rateLimits, limits),
    portals: portalStore(redis, audit, quota, limits),
    apis: apiStore(redis, audit, quota, limits),
    openapiDocuments: openapiDocumentStore(redis, quota),
    sessions: sessionStore(redis, audit, check, rateLimits, quota, limits),
    ...addressLimiters(redis, rateLimits),
    ...signingKeyStore(redis),
    audit: auditStore(redis, auditLimits),
    idempotency: idempotencyStore(redis, quota),
    health: () => readHealth(redis),
    apiKeys: apiKeyStore(redis, quota, limits),
    usage: usageStore(redis, check),
    /** @throws StoreUnavailable if Redis does not reply, cannot serve all records, or would refuse a write */
    probe: () => redis.probe(),
    close: () => redis.close(),
  };
}
