/**
 * What a contract case is: a state of the world, one request, and the answer that the contract promises to it. Cases
 * know no implementation; how a state comes about is the target's business.
 */

/** A state that a target can be asked to bring about, and what it tells of it. */
const states = {
  nothing: 'nothing in particular',
  portal: 'an enabled portal and a root key of its workspace',
  disabledPortal: 'a disabled portal and a root key of its workspace',
  foreignRootKey: 'an enabled portal, and a root key of another workspace',
  narrowRootKey: 'an enabled portal, and a root key that holds only portal.*.create_session and api.*.read_key',
  freshPortal: 'a portal of its own for the case, which it may change, and a root key of its workspace',
  manyPortals: 'more portals than one, and the cursor behind the first',
  api: 'an API, and a root key of its workspace',
  manyApis: 'more APIs than one, and the cursor behind the first',
  sessionsOfUser: 'a user with more live sessions than one, and the cursor behind the first of their list',
  auditedChanges: 'more audit entries than one, and the cursor behind the first',
  usedIdempotencyKey: 'an Idempotency-Key that every operation that takes one has answered to',
  heldIdempotencyKey: 'an Idempotency-Key whose requests are still under way',
  revokedRootKey: 'an enabled portal, and a root key that has been revoked',
  servedThenRevokedRootKey:
    'an enabled portal, and a root key that was revoked after the server had served a call with it',
  disabledWorkspace: 'a portal and a root key of a workspace that is disabled',
  missingWorkspace: 'a root key whose workspace is gone',
  session: 'a session that has been minted and not exchanged',
  usedSession: 'a session id that has been exchanged',
  expiredSession: 'a session id that is more than 15 minutes old',
  sessionOfDisabledPortal: 'a session of a portal that has been disabled since',
  sessionOfDisabledWorkspace: 'a session of a workspace that has been disabled since',
  browserSession: 'a live browser session',
  previewBrowserSession: 'a live browser session that is a preview',
  endedBrowserSession: 'a browser session that has logged out',
  expiredBrowserSession: 'a browser session that is more than 24 hours old',
  browserSessionOfDisabledPortal: 'a browser session of a portal that has been disabled since',
  browserSessionOfDisabledWorkspace: 'a browser session of a workspace that has been disabled since',
  keyUser: 'a live browser session that may do everything with keys, in a portal with an API',
  key: 'such a session, and a key of its user that has everything a key may have',
  foreignKey: 'a key, and the session of another user of the same portal',
  keyOfPowerless: 'a key, and a session of its user that may do nothing with keys',
  foreignWorkspaceKey: 'a key, and a root key of another workspace',
  manyKeys: 'a user with more keys than one, and the cursor behind the first',
  disabledKey: 'a key that is switched off',
  rerolledKey: 'a key that was rerolled without an overlap',
  exhaustedKey: 'a key that has been used as often as its limit allows',
  usedKey: 'a key that has been verified once',
  keyAtLimit: 'a user who has as many keys in an API as they may have, and one more by a reroll',
  documentedPortal: 'a live browser session of a portal of its own with an OpenAPI document that can be had',
  undocumentedPortal: 'a live browser session of a portal without an OpenAPI document',
  undocumentablePortal:
    'a live browser session of a portal whose OpenAPI document cannot be had, and where that should be',
  exhaustedCaller: 'a root key, a browser session and an address that have called as often as they may for now',
  brokenStore: 'a server whose data is damaged',
  unreachableStore: 'a server that cannot reach its data store',
} as const;

/** The name of a state. */
export type State = keyof typeof states;

/** What a target tells of the state it brought about. What the state does not have is an empty string. */
export interface Facts {
  /** Where to send the request, where it is not the target's usual address. */
  baseUrl?: string;
  rootKey: string;
  slug: string;
  sessionId: string;
  token: string;
  portalId?: string;
  apiId?: string;
  externalId?: string;
  handle?: string;
  idempotencyKey?: string;
  keyId?: string;
  /** The API key itself. */
  apiKey?: string;
  /** Where the OpenAPI document of the portal should be. */
  openapiUrl?: string;
  /** Where a list of this state goes on. */
  cursor?: string;
}

/** A request, by what is particular of it; the rest follows from the operation. */
export interface CaseRequest {
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  rawBody?: string;
  /** Whole value of the Authorization header. */
  authorization?: string;
  /** Value of the `portal_session` cookie. */
  cookie?: string;
  headers?: Record<string, string>;
  /** Appended to the path. */
  query?: string;
}

/** The answer that is promised. */
export interface CaseAnswer {
  status: number;
  /** The error's code, `{system}/{category}/{code}`. */
  error?: string;
  /** Locations that `error.errors` must all name. */
  locations?: string[];
  /** What `data` holds at least, as toMatchObject takes it. */
  data?: Record<string, unknown> | unknown[];
  /** Each header must be there and match. */
  headers?: Record<string, RegExp>;
}

/** One promise of the contract, with a request that shows whether it is kept. */
export interface Case {
  operation: string;
  name: string;
  given: State;
  request: (facts: Facts) => CaseRequest;
  answer: CaseAnswer;
  /** Whether the answer follows from the request and the contract alone, so that a mock gives it unasked. */
  stateless?: true;
  /** Why a mock that is made from the contract cannot be asked this. */
  notOnMock?: string;
}

/** The cases of one operation. */
export const casesOf = (operation: string, rows: Omit<Case, 'operation'>[]): Case[] =>
  rows.map((row) => ({ operation, ...row }));
