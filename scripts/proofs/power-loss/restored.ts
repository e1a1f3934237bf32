/** What must hold in a Redis that was restored from a part of its append-only file. */
import { sessionRef, sha256 } from '../../../src/server/domain/credentials.ts';
import { authenticatePortalSession, exchangeSession } from '../../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../../src/server/domain/usage/usage.ts';
import { authenticateRootKey } from '../../../src/server/domain/workspaces/root-keys.ts';
import { Problem } from '../../../src/server/problem.ts';
import { partsOf } from '../../../src/server/store/session-reader.ts';
import {
  bytesIn,
  contentsOf,
  openStore,
  quotaIn,
  type TestStore,
  userBytesIn,
  userTotalsIn,
} from '../../../tests/support/store.ts';
import type { Tenant } from '../../../tests/support/tenant.ts';
import type { Unit } from './aof.ts';
import { countsBefore, nameOf } from './judge.ts';
import type { Recording } from './load.ts';

type Contents = Record<string, string>;

/** The entries of all audit logs of a workspace, as `<action> <id of the resource>`. */
async function auditOf({ redis }: TestStore, workspaceId: string): Promise<Set<string>> {
  const logs = await redis.keys(`portico:{*${workspaceId}*:audit`);
  const entries = (await Promise.all(logs.map((log) => redis.xRange(log, '-', '+')))).flat();
  return new Set(
    entries.map((entry) => {
      const { action, resource } = JSON.parse(entry?.message['entry'] ?? '{}');
      return `${action} ${resource.id}`;
    }),
  );
}

/** The names of records of a kind, without the kind. */
const idsOf = (contents: Contents, kind: string): string[] =>
  Object.keys(contents).flatMap((name) => (name.startsWith(`${kind}:`) ? [name.slice(kind.length + 1)] : []));

/** Lists of a kind that have this member. */
const listsWith = (contents: Contents, kind: string, isMember: (member: string) => boolean): number =>
  Object.keys(contents).filter((name) => {
    const [list = '', member = ''] = name.split(/ (.*)/s);
    return list.startsWith(`${kind}:`) && isMember(member);
  }).length;

/** Sessions that are not in all of their lists, or have no entry in the audit log. */
function sessionFaults(contents: Contents, audit: Set<string>): string[] {
  const faults: string[] = [];
  for (const handle of idsOf(contents, 'session')) {
    const isActive = partsOf(String(contents[`session:${handle}`])).expiresAt > 0;
    const action = isActive ? 'session.exchange' : 'session.create';
    for (const kind of ['user-sessions', 'portal-sessions'])
      if (listsWith(contents, kind, (member) => member.endsWith(`:${handle}`)) !== 1)
        faults.push(`${handle} is not once in ${kind}`);
    if (!audit.has(`${action} ${handle}`)) faults.push(`${handle} has no audit entry ${action}`);
    if (audit.has(`session.end ${handle}`)) faults.push(`${handle} is there after its end`);
  }
  return faults;
}

/** Keys that are not in all of their indexes, indexes with keys that do not exist, and keys without an entry in the audit log. */
function keyFaults(contents: Contents, audit: Set<string>): string[] {
  const faults: string[] = [];
  const ids = idsOf(contents, 'key-id');
  const hashes = idsOf(contents, 'api-key');
  if (ids.length !== hashes.length) faults.push(`${ids.length} ids of keys and ${hashes.length} keys`);
  for (const id of ids) {
    if (!hashes.includes(contents[`key-id:${id}`] ?? '')) faults.push(`${id} has no record`);
    if (!audit.has(`key.create ${id}`)) faults.push(`${id} has no audit entry key.create`);
    if (audit.has(`key.delete ${id}`)) faults.push(`${id} exists after its deletion`);
    for (const kind of ['user-key-order', 'user-key-ends', 'user-key-expiry', 'api-key-order'])
      if (listsWith(contents, kind, (member) => member.includes(id)) !== 1) faults.push(`${id} is not once in ${kind}`);
  }
  for (const kind of ['user-key-order', 'user-key-ends', 'user-key-expiry', 'api-key-order'])
    if (listsWith(contents, kind, (member) => !ids.some((id) => member.includes(id))) > 0)
      faults.push(`${kind} has a key that does not exist`);
  return faults;
}

/** Counts that do not match what they count. */
function countFaults(contents: Contents): string[] {
  const faults: string[] = [];
  for (const id of idsOf(contents, 'key-id')) {
    const limited = Number(contents[`api-key-rate:${contents[`key-id:${id}`]}`] ?? 0);
    const logged = Object.entries(contents)
      .filter(([name]) => name.startsWith('usage-log:') && name.endsWith(` ${id} V`))
      .reduce((sum, [, count]) => sum + Number(count), 0);
    if (limited !== logged) faults.push(`${id}: ${limited} in its rate limit, ${logged} in the usage`);
  }
  const [total, bytes] = [quotaIn(contents), bytesIn(contents)];
  // Processes borrow bytes for the sessions that they create next.
  if (total < bytes) faults.push(`the quotas have ${total} bytes, and the records ${bytes}`);
  const [totals, users] = [userTotalsIn(contents), userBytesIn(contents)];
  for (const user of new Set([...Object.keys(totals), ...Object.keys(users)]))
    if ((totals[user] ?? 0) !== (users[user] ?? 0))
      faults.push(`${user} is ${totals[user]}, and the records ${users[user]}`);
  return faults;
}

/** The entry of the audit log of each change. */
const actions = {
  'create-session': 'session.create',
  exchange: 'session.exchange',
  'end-session': 'session.end',
  'create-key': 'key.create',
  'delete-key': 'key.delete',
} as const;

/** Every recorded change and verification: it is in the restored data if it is in the file before the cut, and only then. */
function effectFaults(contents: Contents, audit: Set<string>, { acknowledged }: Recording, units: Unit[], cut: number) {
  const has = countsBefore(units, cut);
  const faults: string[] = [];
  const compare = (what: string, found: unknown, expected: unknown) => {
    if (found !== expected) faults.push(`${what} is ${found} instead of ${expected}`);
  };
  const logged = new Map<string, number>();
  for (const [name, count] of Object.entries(contents)) {
    const [, keyId] = /^usage-log:.* (\S+) V$/.exec(name) ?? [];
    if (keyId !== undefined) logged.set(keyId, (logged.get(keyId) ?? 0) + Number(count));
  }
  for (const what of acknowledged) {
    const id = 'handle' in what ? what.handle : what.keyId;
    const isIn = has(nameOf(what)) > 0;
    if (what.kind !== 'verify') compare(`the entry of ${nameOf(what)}`, audit.has(`${actions[what.kind]} ${id}`), isIn);
    if (what.kind === 'create-session') {
      const stored = contents[`session:${id}`];
      const state = stored === undefined ? 'absent' : partsOf(stored).expiresAt > 0 ? 'active' : 'pending';
      const present = has(`exchange ${id}`) > 0 ? 'active' : 'pending';
      compare(id, state, isIn && has(`end-session ${id}`) === 0 ? present : 'absent');
    }
    if (what.kind === 'create-key') {
      const isThere = contents[`key-id:${id}`] !== undefined;
      compare(`the existence of ${id}`, isThere, isIn && has(`delete-key ${id}`) === 0);
      if (isThere) compare(`the usage of ${id}`, logged.get(id) ?? 0, has(`verify ${id}`));
    }
  }
  return faults;
}

/** The code of the Problem with which a promise fails, or what it resolves with. */
const outcomeOf = async <T>(promise: Promise<T>): Promise<T | string> =>
  promise.catch((error: unknown) => {
    if (error instanceof Problem) return error.code;
    throw error;
  });

/** How many of the last sessions and keys are used again, at most. */
const usedAgain = 12;

/** Acknowledged sessions and keys that do not behave as they must, and session ids that win a second time. */
async function faultsInUse(
  { store }: TestStore,
  { rootKey: secret }: Tenant,
  recording: Recording,
  units: Unit[],
  cut: number,
) {
  const faults: string[] = [];
  const has = countsBefore(units, cut);
  const rootKey = await authenticateRootKey(store, secret);
  for (const [sessionId, tokens] of [...recording.winners]
    .filter(([id]) => has(`create-session ${handleOf(id)}`))
    .slice(-usedAgain)) {
    const handle = handleOf(sessionId);
    const isExchanged = has(`exchange ${handle}`) > 0;
    const isActive = isExchanged && has(`end-session ${handle}`) === 0;
    for (const token of tokens) {
      const outcome = await outcomeOf(authenticatePortalSession(store, [token]));
      if ((typeof outcome !== 'string') !== isActive)
        faults.push(`the token of ${handle} ${isActive ? `gets ${outcome}` : 'is accepted'}`);
    }
    const again = await outcomeOf(exchangeSession(store, sessionId, {}));
    if ((typeof again !== 'string') === isExchanged)
      faults.push(isExchanged ? `${handle} can be exchanged again` : `${handle} gets ${again}`);
  }
  for (const [keyId, { key }] of [...recording.keys].filter(([id]) => has(`create-key ${id}`)).slice(-usedAgain)) {
    const { code } = await verifyKey(store, rootKey, { key });
    const expected = has(`delete-key ${keyId}`) > 0 ? 'NOT_FOUND' : 'VALID';
    if (code !== expected) faults.push(`${keyId} is ${code} instead of ${expected}`);
  }
  return faults;
}

const handleOf = (sessionId: string): string => sessionRef('pst', sessionId)?.handle ?? '';

/** Everything that is wrong in a restored Redis whose append-only file ends after `cut` bytes. */
export async function faultsIn(
  url: string,
  tenant: Tenant,
  recording: Recording,
  units: Unit[],
  cut: number,
): Promise<string[]> {
  const opened = await openStore({ on: { url } });
  try {
    const [contents, audit] = [await contentsOf(opened, tenant.workspaceId), await auditOf(opened, tenant.workspaceId)];
    const faults = [...sessionFaults(contents, audit), ...keyFaults(contents, audit), ...countFaults(contents)];
    faults.push(...effectFaults(contents, audit, recording, units, cut));
    // A Redis without the root key has no caller.
    const hasRootKey = Object.keys(contents).some((name) => name === `root-keys ${sha256(tenant.rootKey)}`);
    return hasRootKey ? [...faults, ...(await faultsInUse(opened, tenant, recording, units, cut))] : faults;
  } finally {
    await opened.stop();
  }
}
