/** What the model knows of a workspace: everything that was created, and how it may be used. */
import type { Bounds, KeySettings, PolicyParts } from './policies.ts';

/** A value that a response has and later requests use. A script has it in a variable of this name. */
export class Named {
  readonly name: string;
  value: string | undefined;

  constructor(name: string, value?: string) {
    this.name = name;
    this.value = value;
  }

  toJSON(): string {
    return this.value ?? `unknown ${this.name}`;
  }
}

export interface ModelApi {
  id: Named;
  name: string;
  prefix: string | undefined;
  policy: PolicyParts;
  deleted: boolean;
}

export interface ModelPortal {
  id: Named;
  slug: string;
  name: string | undefined;
  openapiUrl: string | undefined;
  apis: ModelApi[];
  enabled: boolean;
  version: number;
  /** Sessions of an earlier epoch have ended. */
  epoch: number;
  deleted: boolean;
}

export interface ModelSession {
  /** The person of the session. No other session has it, so a list shows which one it is. */
  person: string;
  portal: ModelPortal;
  externalId: string;
  permissions: string[];
  preview: boolean;
  epoch: number;
  sessionId: Named;
  token: Named;
  handle: Named;
  state: 'pending' | 'active' | 'ended';
}

export interface ModelKey {
  id: Named;
  secret: Named;
  /** The first characters of an imported key. */
  start: string | undefined;
  api: ModelApi;
  externalId: string;
  settings: KeySettings;
  /** `overlap`: it was rerolled and is still valid. `ended`: it was rerolled and is not. */
  state: 'active' | 'overlap' | 'ended';
  used: boolean;
  deleted: boolean;
  /** The key that it replaced by a reroll, and the one that replaced it. */
  replaces?: ModelKey;
  replacedBy?: ModelKey;
  /** What the windows of its own rate limit and of the policy have used. */
  own: number;
  ofPolicy: number;
}

export interface ModelUser {
  name: string | undefined;
  meta: object | undefined;
  policy: PolicyParts;
  /** What the windows and the quota of the user have used, by API. */
  rate: Map<ModelApi, number>;
  quota: Map<ModelApi, number>;
}

/** Verifications of a key by outcome. They stay when the key is deleted. */
export interface Usage {
  externalId: string;
  api: ModelApi;
  key: ModelKey;
  code: string;
  count: number;
}

/** An entry of the audit log. */
export interface ModelEntry {
  action: string;
  actor: 'root_key' | 'user';
  /** The user who did it, or whom it affected. */
  externalId?: string | undefined;
  portal?: ModelPortal;
  api?: ModelApi;
}

/** Permissions of the second root key: it can only read. */
export const readerPermissions = [
  ...['api.*.read_api', 'api.*.read_key', 'portal.*.read_configuration', 'portal.*.read_session'],
  ...['identity.*.read_identity', 'audit_log.*.read_entry'],
];

/** How many active keys a user can have in an API, on the server of the proof. */
export const maxKeys = 3;

/** The workspace as the model knows it. */
export class World {
  readonly rootKey = new Named('ROOT_KEY');
  readonly readerKey = new Named('READER_KEY');
  readonly apis: ModelApi[] = [];
  readonly portals: ModelPortal[] = [];
  readonly sessions: ModelSession[] = [];
  readonly keys: ModelKey[] = [];
  readonly users = new Map<string, ModelUser>();
  readonly usage: Usage[] = [];
  readonly audit: ModelEntry[] = [];

  /** The user, who exists from now on. */
  user(externalId: string): ModelUser {
    const user = this.users.get(externalId) ?? {
      ...{ name: undefined, meta: undefined, policy: {}, rate: new Map(), quota: new Map() },
    };
    this.users.set(externalId, user);
    return user;
  }

  portalBySlug = (slug: string) => this.portals.find((portal) => portal.slug === slug && !portal.deleted);

  /** The user's keys that exist, in an API that exists. */
  keysOf = (externalId: string) =>
    this.keys.filter((key) => key.externalId === externalId && !key.deleted && !key.api.deleted);

  activeKeys = (externalId: string, api: ModelApi) =>
    this.keysOf(externalId).filter((key) => key.api === api && key.state === 'active').length;

  /** Whether the session can be listed and revoked. */
  isAlive = (session: ModelSession) =>
    session.state !== 'ended' && !session.portal.deleted && session.epoch === session.portal.epoch;

  /** The error that a call in this session, or the exchange of its id, gets. */
  refusal(session: ModelSession, state: 'pending' | 'active'): string | undefined {
    const ended = 'unkey/authentication/portal_session_not_found';
    if (session.state !== state || session.portal.deleted) return ended;
    if (!session.portal.enabled) return 'unkey/authorization/forbidden';
    return session.epoch === session.portal.epoch ? undefined : ended;
  }
}

/** What bounds the keys of a user in an API. */
export const boundsIn = (world: World, externalId: string, api: ModelApi): Bounds => {
  const ofUser = world.users.get(externalId)?.policy ?? {};
  const part = <Name extends keyof PolicyParts>(name: Name) =>
    ofUser[name] === undefined ? (api.policy[name] ?? undefined) : (ofUser[name] ?? undefined);
  const scopes = ofUser.scopes === undefined ? (api.policy.scopes ?? []) : (ofUser.scopes ?? undefined);
  return {
    ...{ keyRate: part('keyRate'), userRate: part('userRate'), quota: part('quota'), scopes },
    ipRanges: part('ipRanges'),
  };
};
