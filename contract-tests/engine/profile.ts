/** Parts of the contract that a server can claim alone. */

/** The profiles, with what each promises. */
export const profiles = {
  seeds: 'what the public pages about portal sessions promise, and nothing more',
  sessions: 'sessions of users: create, exchange, read and end',
  keys: 'API keys: what users and backends do with them',
  governance: 'users, limits, scopes and the audit log',
  usage: 'verification of keys, and what was counted',
  docs: 'the documentation of an API in a portal',
  operator: 'portals, APIs, sessions of a portal, and probes',
  full: 'the whole contract',
} as const;

/** The name of a profile. */
export type Profile = keyof typeof profiles;

/** The profile of each operation that does not follow from its first word. */
const ofOperation: Record<string, Profile> = {
  'portal.createSession': 'sessions',
  'portal.exchangeSession': 'sessions',
  'portal.getSession': 'sessions',
  'portal.endSession': 'sessions',
  'portal.listUserSessions': 'sessions',
  'portal.endOtherSessions': 'sessions',
  'portal.listAuditEntries': 'governance',
  'portal.getLimits': 'governance',
  'portal.listApis': 'keys',
  'portal.listKeys': 'keys',
  'portal.createKey': 'keys',
  'portal.updateKey': 'keys',
  'portal.deleteKey': 'keys',
  'portal.rerollKey': 'keys',
  'portal.getVerifications': 'usage',
  'portal.getOpenapiDocument': 'docs',
  'apis.listKeys': 'keys',
  'apis.getScopes': 'governance',
  'keys.verifyKey': 'usage',
  'keys.verifyKeys': 'usage',
  'keys.reportVerifications': 'usage',
};

const ofFirstWord: Record<string, Profile> = { keys: 'keys', identities: 'governance', auditLogs: 'governance' };

/** The profile that promises an operation, beside `full`. */
export const profileOf = (operation: string): Profile =>
  ofOperation[operation] ?? ofFirstWord[operation.split('.')[0] ?? ''] ?? 'operator';

/** An operation that needs a session. The public pages name none, so their checks use this one of the contract. */
export const portalOperation = 'portal.getSession';

/** Whether a profile names an operation. A server that claims the public pages alone can have another one that needs a session. */
export const isNamedBy = (profile: Profile, operation: string): boolean =>
  profile !== 'seeds' || operation !== portalOperation;

/** Whether a server that claims `claimed` claims what a check of `profile` tests. */
export const isClaimed = (claimed: Profile, profile: Profile): boolean =>
  claimed === profile || (claimed === 'full' && profile !== 'seeds');
