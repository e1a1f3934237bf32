import { apiKeyStore } from './api-keys.ts';
import { apiStore } from './apis.ts';
import { type AuditLimits, auditLog, auditStore } from './audit.ts';
import { controlStore } from './control.ts';
import { datasetStore } from './dataset.ts';
import { erasureStore } from './erasures.ts';
import { readHealth } from './health.ts';
import { homeOf } from './home.ts';
import { hostnameStore } from './hostnames.ts';
import { idempotencyStore } from './idempotency.ts';
import { identityStore } from './identities.ts';
import { keyListReader } from './key-list.ts';
import { limitCounts } from './limit-counts.ts';
import { defaultLimits, homeQuota, partitionQuota, type StoreLimits } from './limits.ts';
import { migrationStore } from './migration.ts';
import { openapiDocumentStore } from './openapi-documents.ts';
import { userPolicyStore } from './policies.ts';
import { portalStore } from './portals.ts';
import { addressLimiters, noRateLimits, rootKeyLimiter } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { rootKeyStore } from './root-keys.ts';
import { scopeStore } from './scopes.ts';
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
  const control = controlStore(redis);
  const home = homeOf(redis, audit, control);
  const limiter = rootKeyLimiter(redis, rateLimits);
  const hostnames = hostnameStore(redis);
  const [atHome, inPartition] = [homeQuota(limits), partitionQuota(limits)];
  return {
    workspaces: workspaceStore(redis, audit, control),
    rootKeys: rootKeyStore(redis, home, control, limiter, limits),
    hostnames,
    portals: portalStore(redis, home, hostnames, atHome, limits),
    apis: apiStore(redis, home, atHome, limits),
    scopes: scopeStore(redis, control, atHome),
    openapiDocuments: openapiDocumentStore(redis, atHome),
    sessions: sessionStore(redis, audit, home, control, limiter, rateLimits, inPartition, limits),
    ...addressLimiters(redis, rateLimits),
    ...signingKeyStore(redis),
    audit: auditStore(redis, auditLimits),
    idempotency: idempotencyStore(redis, control, atHome),
    health: () => readHealth(redis),
    apiKeys: apiKeyStore(redis, audit, control, inPartition, limits),
    keyList: keyListReader(redis),
    limitCounts: limitCounts(redis),
    userPolicies: userPolicyStore(redis),
    usage: usageStore(redis, control, limiter),
    identities: identityStore(redis, audit, control, inPartition),
    erasures: erasureStore(redis, home),
    migration: migrationStore(redis),
    dataset: datasetStore(redis),
    /** The workspaces that this process serves. */
    servedWorkspaces: control.served,
    /** Completes changes of control data whose process has died. A process calls it every few seconds. */
    completeChanges: control.completeChanges,
    /** Resolves once replicas have what was read before, if changes wait for them. @throws StoreUnavailable */
    confirm: () => redis.confirm(),
    /** @throws StoreUnavailable if Redis does not reply, cannot serve all records, or would refuse a write */
    probe: () => redis.probe(),
    close: () => redis.close(),
  };
}
