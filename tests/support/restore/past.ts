/** A workspace at the time of a backup, what happens after it, and a search for what a restore of the backup has revived. */
import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../../../generated/client/types.gen.ts';
import { commandLine } from '../../../src/server/cli/operator.ts';
import { deleteIdentity } from '../../../src/server/domain/identities/erasure.ts';
import { updateIdentity } from '../../../src/server/domain/identities/identities.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../../src/server/domain/keys/keys.ts';
import { deleteApi, updateApi } from '../../../src/server/domain/portals/apis.ts';
import { deletePortal, updatePortal } from '../../../src/server/domain/portals/portals.ts';
import { revokeSessions } from '../../../src/server/domain/sessions/session-list.ts';
import {
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
} from '../../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../../src/server/domain/usage/usage.ts';
import { authenticateRootKey, revokeRootKey } from '../../../src/server/domain/workspaces/root-keys.ts';
import { setWorkspaceEnabled } from '../../../src/server/domain/workspaces/workspaces.ts';
import type { Store } from '../../../src/server/store/index.ts';
import type { VerifiedRootKey } from '../../../src/server/store/proof.ts';
import { allOnKeys, newWorkspace } from '../store.ts';

const fails = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    () => false,
    () => true,
  );
const oneRange = ['203.0.113.0/24'];

/** A workspace, as it is when the backup is made. */
export async function makePast(store: Store) {
  const workspace = await newWorkspace(store);
  const { workspaceId, rootKey, secret } = workspace;
  const second = await workspace.newRootKey();
  const [apiId, goneApi, boundApi] = [
    await workspace.newApi('pay'),
    await workspace.newApi(),
    await workspace.newApi(),
  ];
  await updateApi(store, workspaceId, apiId, { policy: { scopes: ['read', 'write'] } }, commandLine);
  const apiIds = [apiId, goneApi, boundApi];
  const [slug, disabledSlug, deletedSlug] = [
    await workspace.newPortal({ apiIds }),
    await workspace.newPortal(),
    await workspace.newPortal(),
  ];
  const enter = async (externalId: string) => {
    const { token } = await exchangeSession(store, await workspace.pend(slug, externalId), {});
    return token;
  };
  const sessions = {
    used: await workspace.pend(slug, 'user_used'),
    pending: await workspace.pend(slug, 'user_pending'),
    ended: await enter('user_ended'),
    revoked: await enter('user_revoked'),
    active: await enter('user_active'),
  };
  const newKey = (externalId: string, api = apiId, settings = {}) =>
    createKey(store, rootKey, { apiId: api, externalId, ...settings }, 1000);
  const keys = {
    unchanged: await newKey('user_1'),
    deleted: await newKey('user_1'),
    disabled: await newKey('user_1'),
    rerolled: await newKey('user_1'),
    shortened: await newKey('user_1'),
    'with fewer scopes': await newKey('user_1', apiId, { scopes: ['read', 'write'] }),
    'with fewer addresses': await newKey('user_1'),
    'with a lower limit': await newKey('user_1'),
    'of a deleted API': await newKey('user_1', goneApi),
    'with a policy of the API': await newKey('user_1', boundApi),
    'with a policy of the user': await newKey('user_bound'),
    'of an erased user': await newKey('user_erased'),
  };
  const names = { workspaceId, slug, disabledSlug, deletedSlug, apiId, goneApi, boundApi };
  return { ...names, secret, second, sessions, keys };
}

export type Past = Awaited<ReturnType<typeof makePast>>;

/** Where a change is made, and by whom. */
interface Made extends Past {
  store: Store;
  rootKey: VerifiedRootKey;
}

/** A change, and the names of what a restore of the backup revives of it: see `revived`. */
export interface Change {
  revives: string[];
  make(where: Made): Promise<unknown>;
}

const ofKey = (name: keyof Past['keys'], make: (where: Made, keyId: string) => Promise<unknown>): Change => ({
  revives: [`a key ${name}`],
  make: (where) => make(where, where.keys[name].keyId),
});
const keyUpdate = (name: keyof Past['keys'], settings: () => Parameters<typeof updateKey>[3]): Change =>
  ofKey(name, ({ store, rootKey }, keyId) => updateKey(store, rootKey, keyId, settings(), 1000));
const bounds = { perUser: { quota: { limit: 1, period: 'month' } } } as const;

/** Everything that a backup undoes. None depends on another one. */
export const changes: Change[] = [
  { revives: ['a used session id'], make: ({ store, sessions }) => exchangeSession(store, sessions.used, {}) },
  {
    revives: ['a session that was ended'],
    make: async ({ store, sessions }) =>
      endSession(store, await authenticatePortalSession(store, [sessions.ended]), {}),
  },
  {
    revives: ['a session that was revoked'],
    make: ({ store, workspaceId }) => revokeSessions(store, workspaceId, { externalId: 'user_revoked' }, commandLine),
  },
  ofKey('deleted', ({ store, rootKey }, keyId) => deleteKey(store, rootKey, keyId)),
  keyUpdate('disabled', () => ({ enabled: false })),
  ofKey('rerolled', ({ store, rootKey }, keyId) => rerollKey(store, rootKey, { keyId, overlap: 0 })),
  keyUpdate('shortened', () => ({ expires: Date.now() + 3_600_000 })),
  keyUpdate('with fewer scopes', () => ({ scopes: ['read'] })),
  keyUpdate('with fewer addresses', () => ({ ipRanges: oneRange })),
  keyUpdate('with a lower limit', () => ({ ratelimit: { limit: 1, duration: 86_400_000 } })),
  {
    revives: ['a policy of the API'],
    make: ({ store, workspaceId, boundApi }) => {
      const policy = { ipRanges: { mode: 'allowed', ranges: oneRange } } as const;
      return updateApi(store, workspaceId, boundApi, { policy }, commandLine);
    },
  },
  {
    revives: ['a policy of the user'],
    make: ({ store, workspaceId }) => updateIdentity(store, workspaceId, 'user_bound', { policy: bounds }, commandLine),
  },
  {
    revives: ['a key of a deleted API'],
    make: ({ store, workspaceId, goneApi }) => deleteApi(store, workspaceId, goneApi, commandLine),
  },
  {
    revives: ['a revoked root key'],
    make: ({ store, workspaceId, second }) => revokeRootKey(store, workspaceId, second.rootKey.rootKeyId, commandLine),
  },
  {
    revives: ['a disabled portal'],
    make: ({ store, workspaceId, disabledSlug }) =>
      updatePortal(store, workspaceId, disabledSlug, { enabled: false }, commandLine),
  },
  {
    revives: ['a deleted portal'],
    make: ({ store, workspaceId, deletedSlug }) => deletePortal(store, workspaceId, deletedSlug, commandLine),
  },
  {
    revives: ['the name of a portal'],
    make: ({ store, workspaceId, slug }) => {
      const settings = { name: 'Renamed', returnUrl: 'https://app.acme.example' };
      return updatePortal(store, workspaceId, slug, settings, commandLine);
    },
  },
  {
    revives: ['a policy of a later user'],
    make: ({ store, workspaceId }) => updateIdentity(store, workspaceId, 'user_later', { policy: bounds }, commandLine),
  },
  {
    revives: ['a key of an erased user', 'an erased user', 'an erased user in the log'],
    make: ({ store, workspaceId }) => deleteIdentity(store, workspaceId, 'user_erased', commandLine),
  },
];

/** Makes changes after the backup, and a key that nobody can bring back. Returns the audit log, as an operator has copied it. */
export async function change(store: Store, past: Past, chosen: Change[] = changes): Promise<AuditEntry[]> {
  const { workspaceId, secret, apiId } = past;
  const rootKey = await authenticateRootKey(store, secret);
  await createKey(store, rootKey, { apiId, externalId: 'user_new' }, 1000);
  for (const { make } of chosen) await make({ ...past, store, rootKey });
  const copy: AuditEntry[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.audit.list(workspaceId, {}, { limit: 100, ...(after !== undefined && { after }) });
    copy.push(...page.items);
    if (page.next === undefined) return copy;
    after = page.next;
  }
}

/** Disables the workspace: in a step of its own, because afterwards nothing else in it works. */
export const disable = (store: Store, { workspaceId }: Past) =>
  setWorkspaceEnabled(store, workspaceId, false, commandLine);

/** The names of everything that works again, although it had ended before the restore, or must end with it. */
export async function revived(store: Store, past: Past): Promise<string[]> {
  const { workspaceId, secret, second, sessions, keys, slug, disabledSlug, deletedSlug } = past;
  const rootKey = await authenticateRootKey(store, secret);
  const link = (portal: string, externalId = `user_${randomUUID()}`) =>
    createSession(store, rootKey, { slug: portal, externalId, permissions: allOnKeys, preview: false }, {});
  const isValid = async (name: keyof typeof keys, asked = {}) =>
    (await verifyKey(store, rootKey, { key: keys[name].key, ip: '198.51.100.1', ...asked })).code === 'VALID';
  const twice = async (name: keyof typeof keys) => (await isValid(name)) && isValid(name);
  const user = await store.identities.find({ workspaceId, externalId: 'user_erased' });
  const log = await store.audit.list(workspaceId, { externalId: 'user_erased' }, { limit: 1 });
  const later = await store.identities.find({ workspaceId, externalId: 'user_later' });
  const shortened = await store.apiKeys.findById(workspaceId, keys.shortened.keyId);
  const works: [string, boolean][] = [
    ['a used session id', !(await fails(exchangeSession(store, sessions.used, {})))],
    ['a session id of the backup', !(await fails(exchangeSession(store, sessions.pending, {})))],
    ['a session that was ended', !(await fails(authenticatePortalSession(store, [sessions.ended])))],
    ['a session that was revoked', !(await fails(authenticatePortalSession(store, [sessions.revoked])))],
    ['a session of the backup', !(await fails(authenticatePortalSession(store, [sessions.active])))],
    ['a key deleted', await isValid('deleted')],
    ['a key disabled', await isValid('disabled')],
    ['a key rerolled', await isValid('rerolled')],
    ['a key shortened', shortened?.record.expires === undefined],
    ['a key with fewer scopes', await isValid('with fewer scopes', { scopes: ['write'] })],
    ['a key with fewer addresses', await isValid('with fewer addresses')],
    ['a key with a lower limit', await twice('with a lower limit')],
    ['a key of a deleted API', await isValid('of a deleted API')],
    ['a policy of the API', await isValid('with a policy of the API')],
    ['a policy of the user', await twice('with a policy of the user')],
    ['a policy of a later user', later?.identity.policy === undefined],
    ['a key of an erased user', await isValid('of an erased user')],
    ['an erased user', user !== undefined],
    ['an erased user in the log', log.items.length > 0],
    ['a revoked root key', !(await fails(authenticateRootKey(store, second.secret)))],
    ['a disabled portal', !(await fails(link(disabledSlug)))],
    ['a deleted portal', !(await fails(link(deletedSlug)))],
    ['the name of a portal', (await store.portals.findBySlug(workspaceId, slug))?.name !== 'Renamed'],
    ['(nothing else: a key)', !(await isValid('unchanged'))],
    ['(nothing else: a link)', await fails(link(slug).then(({ sessionId }) => exchangeSession(store, sessionId, {})))],
  ];
  return works.flatMap(([name, isRevived]) => (isRevived ? [name] : []));
}

/** What the fence ends although nothing has changed it: every session. */
export const ofSessions = [
  ...['a used session id', 'a session id of the backup', 'a session that was ended', 'a session that was revoked'],
  'a session of the backup',
];

/** What a restore revives that nothing fences. */
export const all = [
  ...ofSessions,
  ...['a key deleted', 'a key disabled', 'a key rerolled', 'a key shortened'],
  ...['a key with fewer scopes', 'a key with fewer addresses', 'a key with a lower limit', 'a key of a deleted API'],
  ...['a policy of the API', 'a policy of the user', 'a policy of a later user', 'a key of an erased user'],
  ...['an erased user', 'an erased user in the log', 'a revoked root key', 'a disabled portal', 'a deleted portal'],
  'the name of a portal',
];
