/**
 * Every key name in Redis. All records of a workspace have its id as their hash tag, so that they are in one hash slot of a
 * Redis Cluster. No name contains a credential, only the SHA-256 of one.
 */
const inWorkspace = (workspaceId: string, name: string) => `portico:{${workspaceId}}:${name}`;

/** A user as part of a key name: base64url has neither braces nor colons, and can be read back. */
const userPart = (externalId: string) => Buffer.from(externalId).toString('base64url');

/** The user in a part of a key name. */
const externalIdOf = (part = '') => Buffer.from(part, 'base64url').toString();

/** The user in the name of one of their records. */
export const userOf = (name: string): string => externalIdOf(name.split(':').at(3));

const usageLogOf = (workspaceId: string, user: string) => inWorkspace(workspaceId, `usage-log:${user}`);

const daySuffix = (externalId: string, apiId?: string, day: number | '' = '') =>
  `${userPart(externalId)}:${apiId === undefined ? '' : `${apiId}:${day}`}`;

/** A user, or one of their days in an API, as it is named in the index of work. */
export function usageEntryOf(entry: string): { externalId: string; apiId?: string; day?: number } {
  const [user, apiId, day] = entry.split(':');
  return { externalId: externalIdOf(user), ...(apiId !== undefined && { apiId, day: Number(day) }) };
}

/** The user, API and day in the name of a record of a day. */
export function usageDayOf(name: string): { externalId: string; apiId: string; day: number } {
  const [user, apiId = '', day] = name.split(':').slice(3);
  return { externalId: externalIdOf(user), apiId, day: Number(day) };
}

export const keys = {
  /** SET of all workspace ids. It belongs to no workspace. */
  workspaces: 'portico:workspaces',
  /** STRING, the key for signatures of values that browsers store. It belongs to no workspace. */
  signingKey: 'portico:signing-key',
  /** STRING, JSON of the workspace. */
  workspace: (workspaceId: string) => inWorkspace(workspaceId, 'workspace'),
  /** HASH, SHA-256 of the root key → JSON of its record. */
  rootKeys: (workspaceId: string) => inWorkspace(workspaceId, 'root-keys'),
  /** HASH, root key id → SHA-256 of the root key. */
  rootKeyIds: (workspaceId: string) => inWorkspace(workspaceId, 'root-key-ids'),
  /** HASH, portal id → JSON of the portal. */
  portals: (workspaceId: string) => inWorkspace(workspaceId, 'portals'),
  /** SET of `<workspace id> <portal id>`: candidates for the portals that allow an origin. It belongs to no workspace. */
  originPortals: (origin: string) => `portico:origin-portals:${origin}`,
  /** HASH, slug → portal id. */
  portalSlugs: (workspaceId: string) => inWorkspace(workspaceId, 'portal-slugs'),
  /** ZSET of one score, `<created, 13 digits>:<portal id>`: the order of the list. */
  portalOrder: (workspaceId: string) => inWorkspace(workspaceId, 'portal-order'),
  /** HASH with EX 30 days, the last copy of the OpenAPI document that a portal shows. */
  openapiDocument: (workspaceId: string, portalId: string) => inWorkspace(workspaceId, `openapi-document:${portalId}`),
  /** STRING with EX, by the SHA-256 of the URL: that a fetch of the document is under way, or why the last one failed. */
  openapiAttempt: (workspaceId: string, portalId: string, urlHash: string) =>
    inWorkspace(workspaceId, `openapi-attempt:${portalId}:${urlHash}`),
  /** HASH, API id → JSON of the API. */
  apis: (workspaceId: string) => inWorkspace(workspaceId, 'apis'),
  /** ZSET of one score, `<created, 13 digits>:<API id>`: the order of the list. */
  apiOrder: (workspaceId: string) => inWorkspace(workspaceId, 'api-order'),
  /** HASH, id of a deleted API whose keys are not all removed yet → when it was deleted, in Unix ms. */
  deletedApis: (workspaceId: string) => inWorkspace(workspaceId, 'deleted-apis'),
  /** HASH, how many bytes the workspace stores; scripts/snippets/quota.lua describes its fields. */
  quota: (workspaceId: string) => inWorkspace(workspaceId, 'quota'),
  /** HASH, how many bytes of it the keys and stored responses of one user have. It has the TTL of the last of them. */
  userQuota: (workspaceId: string, externalId: string) =>
    inWorkspace(workspaceId, `user-quota:${userPart(externalId)}`),
  /** HASH, portal id → how often all of its sessions were ended at once; absent means never. */
  portalEpochs: (workspaceId: string) => inWorkspace(workspaceId, 'portal-epochs'),
  /** ZSET of one score with a TTL, `<created, 13 digits>:<handle>`: the sessions of a portal. */
  portalSessions: (workspaceId: string, slug: string) => inWorkspace(workspaceId, `portal-sessions:${slug}`),
  /** ZSET of one score with a TTL, `<created, 13 digits>:<handle>`: the sessions of a user, by SHA-256 of the externalId. */
  userSessions: (workspaceId: string, userHash: string) => inWorkspace(workspaceId, `user-sessions:${userHash}`),
  /** STRING with the TTL of the session: the record of the handle, as scripts/sessions.ts describes it. */
  handle: (workspaceId: string, handle: string) => inWorkspace(workspaceId, `handle:${handle}`),
  /** STREAM, what was done in the workspace. */
  audit: (workspaceId: string) => inWorkspace(workspaceId, 'audit'),
  /** STRING with EX 60, how often a root key or a browser session was used, by the SHA-256 of the credential. */
  calls: (workspaceId: string, hash: string) => inWorkspace(workspaceId, `calls:${hash}`),
  /** Prefix of the STRINGs with EX 60 that count exchanges by client address. They belong to no workspace. */
  exchangeCalls: 'portico:exchange-calls',
  /** Prefix of the STRINGs with EX 60 that count failed authentications by client address. They belong to no workspace. */
  failedCalls: 'portico:failed-calls',
  /** STRING with a TTL, what the response to a request with an Idempotency-Key is read from, or that the request is under way. */
  idempotency: (workspaceId: string, name: string) => inWorkspace(workspaceId, `idempotency:${name}`),
  /** STRING with the TTL of the last one: how many responses are stored for a browser session, by its handle. */
  storedResponses: (workspaceId: string, handle: string) => inWorkspace(workspaceId, `stored-responses:${handle}`),
  /** STRING with EX 900, the session of a session id. */
  session: (workspaceId: string, hash: string) => inWorkspace(workspaceId, `session:${hash}`),
  /** STRING with EX 86400, the browser session of a token. */
  browserSession: (workspaceId: string, hash: string) => inWorkspace(workspaceId, `browser-session:${hash}`),
  /** STRING, an API key as store/api-key-record.ts writes it, by the SHA-256 of the key. Has a TTL if the key has an end. */
  apiKey: (workspaceId: string, hash: string) => inWorkspace(workspaceId, `api-key:${hash}`),
  /** STRING with PX, how often an API key was used in its current window. */
  apiKeyRate: (workspaceId: string, hash: string) => inWorkspace(workspaceId, `api-key-rate:${hash}`),
  /** HASH, key id → SHA-256 of the key, of one user. This and the other indexes of keys have the TTL of their last key. */
  userKeys: (workspaceId: string, externalId: string) => inWorkspace(workspaceId, `user-keys:${userPart(externalId)}`),
  /** ZSET of one score, `<created, 13 digits>:<key id>`, of one user: the order of the list. */
  userKeyOrder: (workspaceId: string, externalId: string) =>
    inWorkspace(workspaceId, `user-key-order:${userPart(externalId)}`),
  /** ZSET, `<created, 13 digits>:<key id> <API id>` by the end of the key in Unix ms or +inf, of one user: all their keys. */
  userKeyEnds: (workspaceId: string, externalId: string) =>
    inWorkspace(workspaceId, `user-key-ends:${userPart(externalId)}`),
  /** ZSET, id of a key that was not rerolled by expiry in Unix ms or +inf, of one user in one API: counts the active keys. */
  userKeyExpiry: (workspaceId: string, externalId: string, apiId: string) =>
    inWorkspace(workspaceId, `user-key-expiry:${userPart(externalId)}:${apiId}`),
  /** Pattern of the names of `userKeyExpiry` of all users in one API. */
  everyUserKeyExpiry: (workspaceId: string, apiId: string) => inWorkspace(workspaceId, `user-key-expiry:*:${apiId}`),
  /** SET with EX 300, the positions of a report that are counted, by root key id and the SHA-256 of the report. */
  report: (workspaceId: string, rootKeyId: string, hash: string) =>
    inWorkspace(workspaceId, `report:${rootKeyId}:${hash}`),
  /** HASH, the verifications of a user that are not in the records of days yet; scripts/usage.ts describes these records. */
  usageLog: (workspaceId: string, externalId: string) => usageLogOf(workspaceId, userPart(externalId)),
  /** Prefix of the logs of all users. */
  usageLogs: (workspaceId: string) => usageLogOf(workspaceId, ''),
  /** ZSET, the users and days whose usage is to be changed, by when in Unix ms. */
  usageWork: (workspaceId: string) => inWorkspace(workspaceId, 'usage-work'),
  /** HASH with a TTL, a day of a user in an API. Without a day or an API, the prefix of such records. */
  usageDay: (workspaceId: string, externalId: string, apiId?: string, day?: number | '') =>
    inWorkspace(workspaceId, `usage:${daySuffix(externalId, apiId, day)}`),
  /** ZSET with the TTL of the day: the keys of a user in an API by their use on a day with many of them. */
  usageTop: (workspaceId: string, externalId: string, apiId?: string, day?: number | '') =>
    inWorkspace(workspaceId, `usage-top:${daySuffix(externalId, apiId, day)}`),
  /** Pattern of the names of `usageLog`, and of `usageDay`, of all users. */
  everyUsageLog: (workspaceId: string) => usageLogOf(workspaceId, '*'),
  everyUsageDay: (workspaceId: string) => inWorkspace(workspaceId, 'usage:*'),
};
