/**
 * Every key name in Redis. The records of a user have the hash tag of their partition, and control data has the id of its
 * workspace as its hash tag. So all records that one step uses are in one hash slot of a Redis Cluster. No name contains a
 * credential, only the SHA-256 of one or the handle of a session.
 */
import { type Owner, type Partition, partitionOf, tagOf } from './partitions.ts';

/** Control data, in the home slot of its workspace. */
const atHome = (workspaceId: string, name: string) => `portico:{${workspaceId}}:${name}`;

/** A record of a user. */
const inPartition = (place: Partition, name: string) => `portico:{${tagOf(place)}}:${place.workspaceId}:${name}`;

/** A user as part of a key name: base64url has neither braces nor colons, and can be read back. */
const userPart = (externalId: string) => Buffer.from(externalId).toString('base64url');

/** A record by which its user is found. */
const ofUser = (owner: Owner, kind: string, more = '') =>
  inPartition(partitionOf(owner), `${kind}:${userPart(owner.externalId)}${more}`);

/** The user in a part of a key name. */
const externalIdOf = (part = '') => Buffer.from(part, 'base64url').toString();

/** The user in the name of one of their records. */
export const userOf = (name: string): string => externalIdOf(name.split(':').at(4));

const daySuffix = (apiId?: string, day: number | '' = '') => (apiId === undefined ? ':' : `:${apiId}:${day}`);

/** A user, or one of their days in an API, as it is named in the index of work. */
export function usageEntryOf(entry: string): { externalId: string; apiId?: string; day?: number } {
  const [user, apiId, day] = entry.split(':');
  return { externalId: externalIdOf(user), ...(apiId !== undefined && { apiId, day: Number(day) }) };
}

/** The user, API and day in the name of a record of a day. */
export function usageDayOf(name: string): { externalId: string; apiId: string; day: number } {
  const [user, apiId = '', day] = name.split(':').slice(4);
  return { externalId: externalIdOf(user), apiId, day: Number(day) };
}

export const keys = {
  /** SET of all workspace ids. It belongs to no workspace. */
  workspaces: 'portico:workspaces',
  /** STRING, the key for signatures of values that browsers store. It belongs to no workspace. */
  signingKey: 'portico:signing-key',
  /** SET of `<workspace id> <portal id>`: candidates for the portals that allow an origin. It belongs to no workspace. */
  originPortals: (origin: string) => `portico:origin-portals:${origin}`,
  /** STRING, the claim of a host name, which store/hostnames.ts describes. It belongs to no workspace. */
  hostname: (hostname: string) => `portico:hostname:${hostname}`,
  /** HASH, what is known of all data together; store/dataset.ts describes its fields. It belongs to no workspace. */
  dataset: 'portico:dataset',
  /** STRING with a TTL, the migration that is running. It belongs to no workspace. */
  migration: 'portico:migration',
  /** Prefix of the STRINGs with EX 60 that count exchanges by client address. They belong to no workspace. */
  exchangeCalls: 'portico:exchange-calls',
  /** Prefix of the STRINGs with EX 60 that count failed authentications by client address. They belong to no workspace. */
  failedCalls: 'portico:failed-calls',

  /** STRING, JSON of the workspace. */
  workspace: (workspaceId: string) => atHome(workspaceId, 'workspace'),
  /** STRING, the version of the control data; absent means 0. */
  control: (workspaceId: string) => atHome(workspaceId, 'control'),
  /** STRING, the last version that all partitions have. */
  published: (workspaceId: string) => atHome(workspaceId, 'published'),
  /** HASH, SHA-256 of the root key → JSON of its record. */
  rootKeys: (workspaceId: string) => atHome(workspaceId, 'root-key-records'),
  /** STRING, where 0.1.0 has its HASH of root keys: a server of 0.1.0 fails when it reads it. */
  oldRootKeys: (workspaceId: string) => atHome(workspaceId, 'root-keys'),
  /** HASH, root key id → SHA-256 of the root key. */
  rootKeyIds: (workspaceId: string) => atHome(workspaceId, 'root-key-ids'),
  /** HASH with EX 60, the calls of a root key by its SHA-256; scripts/snippets/lease.lua describes its fields. */
  rootKeyCalls: (workspaceId: string, hash: string) => atHome(workspaceId, `root-key-calls:${hash}`),
  /** HASH, portal id → JSON of the portal. */
  portals: (workspaceId: string) => atHome(workspaceId, 'portals'),
  /** HASH, slug → portal id. */
  portalSlugs: (workspaceId: string) => atHome(workspaceId, 'portal-slugs'),
  /** ZSET of one score, `<created, 13 digits>:<portal id>`: the order of the list. */
  portalOrder: (workspaceId: string) => atHome(workspaceId, 'portal-order'),
  /** HASH, portal id → how often all of its sessions were ended at once; absent means never. */
  portalEpochs: (workspaceId: string) => atHome(workspaceId, 'portal-epochs'),
  /** HASH with EX 30 days, the last copy of the OpenAPI document that a portal shows. */
  openapiDocument: (workspaceId: string, portalId: string) => atHome(workspaceId, `openapi-document:${portalId}`),
  /** STRING with EX, by the SHA-256 of the URL: that a fetch of the document is under way, or why the last one failed. */
  openapiAttempt: (workspaceId: string, portalId: string, urlHash: string) =>
    atHome(workspaceId, `openapi-attempt:${portalId}:${urlHash}`),
  /** HASH, API id → JSON of the API. */
  apis: (workspaceId: string) => atHome(workspaceId, 'apis'),
  /** HASH, API id → SHA-256 of the catalogue of its scopes, a line break, and the catalogue as JSON. */
  scopeCatalogues: (workspaceId: string) => atHome(workspaceId, 'scope-catalogues'),
  /** ZSET of one score, `<created, 13 digits>:<API id>`: the order of the list. */
  apiOrder: (workspaceId: string) => atHome(workspaceId, 'api-order'),
  /** HASH, id of a deleted API whose keys are not all removed yet → when it was deleted, in Unix ms. */
  deletedApis: (workspaceId: string) => atHome(workspaceId, 'deleted-apis'),
  /** STREAM, what was done with the control data. */
  audit: (workspaceId: string) => atHome(workspaceId, 'audit'),
  /** HASH, identity id → JSON of its erasure, while that is not complete. */
  erasures: (workspaceId: string) => atHome(workspaceId, 'erasures'),
  /** HASH, how many bytes the control data takes; scripts/snippets/quota.lua describes its fields. */
  quota: (workspaceId: string) => atHome(workspaceId, 'quota'),
  /** STRING with a TTL, the response to a request of a root key with an Idempotency-Key, or that the request is under way. */
  idempotency: (workspaceId: string, name: string) => atHome(workspaceId, `idempotency:${name}`),

  /** STRING, the version of the control data that this partition knows of; absent means 0. */
  controlSeen: (place: Partition) => inPartition(place, 'control'),
  /** STREAM, what was done with sessions. */
  sessionAudit: (place: Partition) => inPartition(place, 'audit'),
  /**
   * While the user of an identity is removed from a log: STRING, the id of that identity, and STREAM, the new log. Both are beside the
   * log, at home or in a partition.
   */
  redaction: (log: string) => `${log}-redaction`,
  redactedLog: (log: string) => `${log}-redacted`,
  /** STRING, a user: JSON of their record without the externalId, or `!<identity id>` while they are erased. */
  identity: (owner: Owner) => ofUser(owner, 'identity'),
  /** ZSET of one score, the externalIds of all users of the partition. */
  identities: (place: Partition) => inPartition(place, 'identities'),
  /** HASH, how many bytes the users of the partition store. */
  partitionQuota: (place: Partition) => inPartition(place, 'quota'),
  /** ZSET of one score with a TTL, `<created, 13 digits>:<handle>`: the sessions of one epoch of a portal. */
  portalSessions: (place: Partition, portalId: string, epoch: string) =>
    inPartition(place, `portal-sessions:${portalId}:${epoch}`),
  /** Prefix of such lists of all portals. */
  everyPortalSessions: (place: Partition) => inPartition(place, 'portal-sessions:'),
  /** ZSET of one score with a TTL, `<created, 13 digits>:<handle>`: the sessions of a user. */
  userSessions: (owner: Owner) => ofUser(owner, 'user-sessions'),
  /**
   * STRING with EX 900, and EX 86400 after the exchange: a session, pending or active, by its handle; scripts/sessions.ts describes the
   * value.
   */
  session: (place: Partition, handle: string) => inPartition(place, `session:${handle}`),
  /** HASH with EX 60, the calls of a browser session, by its handle; scripts/snippets/lease.lua describes its fields. */
  sessionCalls: (place: Partition, handle: string) => inPartition(place, `session-calls:${handle}`),
  /** STRING with the TTL of the session, what the response to a request with an Idempotency-Key is made from. */
  sessionResponse: (place: Partition, name: string) => inPartition(place, `session-response:${name}`),
  /** SET with the TTL of the last one: the names of the responses that are stored for a browser session, by its handle. */
  storedResponses: (place: Partition, handle: string) => inPartition(place, `stored-responses:${handle}`),
  /**
   * STRING, an API key as store/api-key-record.ts writes it, by the SHA-256 of the key. Has a TTL if the key has an end. In another
   * partition than that of its user it is a forward (store/forwards.ts).
   */
  apiKey: (place: Partition, hash: string) => inPartition(place, `api-key:${hash}`),
  /**
   * STRING with PX, how often an API key was used in the current window of its own rate limit. With `:policy` at the end, the same of the
   * rate limit of a policy.
   */
  apiKeyRate: (place: Partition, hash: string) => inPartition(place, `api-key-rate:${hash}`),
  /** STRING with PX, what the keys of one user have used of their rate limit in an API. */
  userRate: (owner: Owner, apiId: string) => ofUser(owner, 'user-rate', `:${apiId}`),
  /** STRING with PXAT, what the keys of one user have used of their quota in an API: it ends with the period. */
  quotaUse: (owner: Owner, apiId: string) => ofUser(owner, 'quota-use', `:${apiId}`),
  /** Prefixes of such records of all users of a partition. */
  userRates: (place: Partition) => inPartition(place, 'user-rate:'),
  quotaUses: (place: Partition) => inPartition(place, 'quota-use:'),
  /** The beginning of the names of all records of a partition: a verification completes it to those of a user. */
  ofUsers: (place: Partition) => inPartition(place, ''),
  /** STRING, the policy of one user, as store/policies.ts writes it. */
  identityPolicy: (owner: Owner) => ofUser(owner, 'identity-policy'),
  /** HASH, how many keys carry each scope of an API; scripts/snippets/scopeCounts.lua describes this and the next. */
  scopeCounts: (place: Partition, apiId: string) => inPartition(place, `scope-counts:${apiId}`),
  /** ZSET, `<key id> <scopes>` by the end of the key in Unix ms: the keys of an API with scopes and an end. */
  scopeEnds: (place: Partition, apiId: string) => inPartition(place, `scope-ends:${apiId}`),
  /** STRING with the TTL of the key: its SHA-256, by its id. */
  keyId: (place: Partition, keyId: string) => inPartition(place, `key-id:${keyId}`),
  /** ZSET of one score, `<created, 13 digits>:<key id>`, of one API: the order of the list. */
  apiKeyOrder: (place: Partition, apiId: string) => inPartition(place, `api-key-order:${apiId}`),
  /** ZSET, `<created, 13 digits>:<key id> <API id>` of each key that ends, by when its record is gone, in Unix ms. */
  keyEnds: (place: Partition) => inPartition(place, 'key-ends'),
  /**
   * ZSET of one score, `<created, 13 digits>:<key id>`, of one user: the order of the list. This and the other indexes of the keys of a
   * user have the TTL of their last key.
   */
  userKeyOrder: (owner: Owner) => ofUser(owner, 'user-key-order'),
  /** ZSET, `<created, 13 digits>:<key id> <API id>` by the end of the key in Unix ms or +inf, of one user: all their keys. */
  userKeyEnds: (owner: Owner) => ofUser(owner, 'user-key-ends'),
  /** ZSET, id of a key that was not rerolled by expiry in Unix ms or +inf, of one user in one API: counts the active keys. */
  userKeyExpiry: (owner: Owner, apiId: string) => ofUser(owner, 'user-key-expiry', `:${apiId}`),
  /** Pattern of the names of `userKeyExpiry` of all users in one API. */
  everyUserKeyExpiry: (workspaceId: string, apiId: string) => `portico:{*}:${workspaceId}:user-key-expiry:*:${apiId}`,
  /** HASH, how many bytes the keys and stored responses of one user have. It has the TTL of the last of them. */
  userQuota: (owner: Owner) => ofUser(owner, 'user-quota'),
  /** SET with EX 300, the positions of a report that are counted in a partition, by root key id and the SHA-256 of the report. */
  report: (place: Partition, rootKeyId: string, hash: string) => inPartition(place, `report:${rootKeyId}:${hash}`),
  /** SET, what data of 0.1.0 is written here, while the migration may still find its old records. */
  migrated: (place: Partition) => inPartition(place, 'migrated'),
  /** HASH, the verifications of a user that are not in the records of days yet; scripts/usage.ts describes these records. */
  usageLog: (owner: Owner) => ofUser(owner, 'usage-log'),
  /** SET, the ids of the APIs in which a user has records of days, or had some. It has the TTL of the last of them, and of the last limit. */
  usageApis: (owner: Owner) => ofUser(owner, 'usage-apis'),
  /** ZSET, the users and days of a partition whose usage is to be changed, by when in Unix ms. */
  usageWork: (place: Partition) => inPartition(place, 'usage-work'),
  /** HASH with a TTL, a day of a user in an API. Without a day or an API, the prefix of such records. */
  usageDay: (owner: Owner, apiId?: string, day?: number | '') => ofUser(owner, 'usage', daySuffix(apiId, day)),
  /** ZSET with the TTL of the day: the keys of a user in an API by their use on a day with many of them. */
  usageTop: (owner: Owner, apiId?: string, day?: number | '') => ofUser(owner, 'usage-top', daySuffix(apiId, day)),
  /** Pattern of the names of `usageLog`, and of `usageDay`, of all users. */
  everyUsageLog: (workspaceId: string) => `portico:{*}:${workspaceId}:usage-log:*`,
  everyUsageDay: (workspaceId: string) => `portico:{*}:${workspaceId}:usage:*`,
};
