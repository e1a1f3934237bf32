/**
 * A contract case: a state, one request, and the response that the contract promises. Cases do not depend on an
 * implementation; the target creates the state.
 */

/** The states that a target can create. */
const states = {
  nothing: 'no particular state',
  portal: 'an enabled portal and a root key of its workspace',
  disabledPortal: 'a disabled portal and a root key of its workspace',
  foreignRootKey: 'an enabled portal, and a root key of another workspace',
  limitedRootKey: 'an enabled portal, and a root key with only portal.*.create_session and api.*.read_analytics',
  takenHostname: 'a new portal, and the host name of another one',
  freshPortal: 'a new portal that the case can change, and a root key of its workspace',
  freshPortalForSessions: 'such a portal without a host name of its own, so that its sessions work at the base URL',
  manyPortals: 'two or more portals, and the cursor after the first',
  api: 'an API without a policy, and a root key of its workspace',
  governedApi: 'an API with a policy that has every part, and a root key of its workspace',
  manyApis: 'two or more APIs, and the cursor after the first',
  sessionsOfUser: 'a user with two or more active sessions, and the cursor after the first',
  identity: 'a user with every setting',
  manyIdentities: 'two or more users, and the cursor after the first',
  identityBeingDeleted: 'a user whose deletion is not complete, and an API',
  accountOfUser:
    'an active session with portal.*.read_account of a person, of a user with two or more sessions, and the cursor after the first',
  auditedAccount: 'such a session, and the cursor after the first entry of its audit log',
  auditedChanges: 'two or more audit entries, and the cursor after the first',
  usedIdempotencyKey: 'an Idempotency-Key that was used for every root-key operation that accepts one',
  idempotencyKeyInProgress: 'an Idempotency-Key whose requests are still in progress',
  revokedRootKey: 'an enabled portal, and a root key that has been revoked',
  servedThenRevokedRootKey:
    'an enabled portal, and a root key that was revoked after the server had served a call with it',
  revocableRootKey: 'a root key that the suite can revoke',
  disabledWorkspace: 'a portal and a root key of a workspace that is disabled',
  missingWorkspace: 'a root key whose workspace does not exist',
  session: 'a session that is created and not yet exchanged',
  sessionOfAnotherUser: 'a session that is not yet exchanged, and an active browser session of another user',
  sessionOfOtherHost: 'a session that is not yet exchanged, of a portal that has a host name of its own since',
  usedSession: 'a session id that has been exchanged',
  expiredSession: 'a session id that is more than 15 minutes old',
  sessionOfDisabledPortal: 'a session of a portal that was disabled later',
  sessionOfDisabledWorkspace: 'a session of a workspace that was disabled later',
  browserSession: 'an active browser session',
  previewBrowserSession: 'an active browser session that is a preview',
  endedBrowserSession: 'a browser session after logout',
  expiredBrowserSession: 'a browser session that is more than 24 hours old',
  browserSessionOfDisabledPortal: 'a browser session of a portal that was disabled later',
  browserSessionOfDisabledWorkspace: 'a browser session of a workspace that was disabled later',
  browserSessionOfOtherHost: 'a browser session of a portal that has a host name of its own since',
  keyUser: 'an active browser session with all key permissions, in a portal with an API',
  governedKeyUser: 'such a session, in a portal whose API has a policy with every part',
  key: 'such a session, and a key of its user with every setting',
  foreignKey: 'a key, and the session of another user of the same portal',
  keyWithoutPermissions: 'a key, and a session of its user without key permissions',
  otherApiRootKey: 'a key, and a root key of its workspace with all permissions on the keys of another API',
  managedKey: 'a key that a backend manages, and the session of its user',
  manyKeysOfApi: 'an API with two or more keys, and the cursor after the first',
  keyToImport: 'an API, a root key of its workspace, and the SHA-256 of a key that exists nowhere',
  foreignWorkspaceKey: 'a key, and a root key of another workspace',
  manyKeys: 'a user with two or more keys, and the cursor after the first',
  disabledKey: 'a disabled key',
  rerolledKey: 'a key that was rerolled without an overlap',
  rateLimitedKey: 'a key that has reached its rate limit',
  keyOverQuota: 'a key whose user has used up the quota of the month',
  keyWithRanges: 'a key that works from 192.0.2.0/24 and 2001:db8::/32 only',
  usedKey: 'a key that has been verified once',
  usedSessionIdempotencyKey:
    'an active browser session, and an Idempotency-Key with which it created a key and rerolled another',
  keyAtLimit: 'a user who has reached the key limit of an API, and an expired key beside their active ones',
  fullWorkspace:
    'a workspace that has reached its quota, with a portal, and in it a key and an active browser session of its user',
  portalWithDocument: 'an active browser session of a new portal with an available OpenAPI document',
  portalWithoutDocument: 'an active browser session of a portal without an OpenAPI document',
  portalWithUnavailableDocument:
    'an active browser session of a portal whose OpenAPI document is unavailable, and the URL of the document',
  rateLimitedCaller: 'a root key, a browser session and an address that have reached the rate limit',
  brokenStore: 'a server whose data is damaged',
  unreachableStore: 'a server that cannot reach its data store',
} as const;

/** The name of a state. */
export type State = keyof typeof states;

/** The data of a created state. Required fields that the state does not have are empty strings. */
export interface Fixture {
  /** Base URL of the request, if it differs from the target's. */
  baseUrl?: string;
  rootKey: string;
  slug: string;
  sessionId: string;
  token: string;
  portalId?: string;
  /** The host name of another portal. */
  hostname?: string;
  apiId?: string;
  externalId?: string;
  handle?: string;
  idempotencyKey?: string;
  keyId?: string;
  /** The API key itself. */
  apiKey?: string;
  /** SHA-256 of a key, in base64. */
  hash?: string;
  /** URL of the portal's OpenAPI document. */
  openapiUrl?: string;
  /** Cursor of the second page of the state's list. */
  cursor?: string;
  /** Revokes the root key of the state. */
  revoke?: () => Promise<unknown>;
}

/** The parts of a request that the operation does not define. */
export interface CaseRequest {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent unchanged instead of `body`. Bytes are for bodies that are not UTF-8. */
  rawBody?: string | Uint8Array;
  /** Whole value of the Authorization header. */
  authorization?: string;
  /** Value of the session cookie. */
  cookie?: string;
  headers?: Record<string, string>;
  /** Appended to the path. */
  query?: string;
  /** Runs after the headers were sent and before the body is. */
  beforeBody?: () => Promise<unknown>;
}

/** The expected response. */
export interface CaseResponse {
  status: number;
  /** The error's code, `{system}/{category}/{code}`. */
  error?: string;
  /** Locations that `error.errors` must contain. */
  locations?: string[];
  /** Subset of `data`, as for `toMatchObject`. */
  data?: Record<string, unknown> | unknown[];
  /** Subset of `pagination`, in the same way. */
  pagination?: Record<string, unknown>;
  /** Each header must exist and match. This is a check of its own: the one of the status and the header. */
  headers?: Record<string, RegExp>;
}

/** One promise of the contract, with a request that tests it. */
export interface Case {
  operation: string;
  name: string;
  given: State;
  request: (fixture: Fixture) => CaseRequest;
  response: CaseResponse;
  /** Whether the response depends only on the request and the contract; a mock then returns it without `Prefer`. */
  stateless?: true;
  /** Why a mock of the contract cannot run this case. */
  notOnMock?: string;
}

/** The cases of one operation. */
export const casesOf = (operation: string, rows: Omit<Case, 'operation'>[]): Case[] =>
  rows.map((row) => ({ operation, ...row }));
