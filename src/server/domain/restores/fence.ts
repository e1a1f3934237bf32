/**
 * What has to be done after a backup was restored, before servers work with the data again: `portico restore fence`. The backup has
 * revived
 *
 * - sessions: ids that were used, sessions that ended. All sessions end, also those that nobody has ended: users enter again.
 * - keys, root keys, portals, APIs, policies and users that were deleted, disabled or changed. The operator's copy of the audit log
 *   says which; without one the operator decides.
 *
 * It begins with a mark that keeps servers from working, and ends with its removal. Each step in between can be repeated, so a kill at
 * any point is followed by the same command.
 */
import type { AuditEntry } from '../../../../generated/client/types.gen.ts';
import { Problem } from '../../problem.ts';
import type { Dataset } from '../../store/dataset.ts';
import type { Store } from '../../store/index.ts';
import type { Operator, WorkspaceOperator } from '../../store/proof.ts';
import { completeErasures } from '../identities/erasure.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';
import { revokeRootKey } from '../workspaces/root-keys.ts';
import { disableKey, replayers, type Where } from './changes.ts';
import { type Replay, replaysOf } from './replay.ts';

/** How long before the backup a change is made again, in ms: its time is known to some seconds, and a repetition does no harm. */
const marginMs = 600_000;
/** How many changes are made at the same time, and how many records a page has. */
const atOnce = 8;
const pageSize = 100;

/** What is known of the changes since the backup: the audit log, or what the operator decides for all of them. */
export type Knowledge = { entries: readonly AuditEntry[] } | 'keep' | 'disable';

/** What a fence has done to a workspace, or would do. */
export interface Fenced {
  /** Portals whose sessions have ended. */
  portals: number;
  /** Changes that are made again, keys that are disabled, root keys that are revoked. */
  made: number;
  /** Changes that the backup has already. */
  there: number;
  /** Keys, root keys, portals and APIs that were created after the backup. They cannot be created again. */
  lost: number;
  /** What the operator has to do by hand. */
  undecided: { resource: string; reason: string }[];
}

/** When the backup was made, as far as it is known; 0 if nothing says it. */
export const backupTimeOf = ({ restored, gap, beat }: Dataset): number => restored ?? gap?.from ?? beat ?? 0;

/** Ends all sessions of a workspace, pending and active. Returns how many portals it has. */
async function endSessions({ store, workspaceId, by, isDryRun }: Where): Promise<number> {
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = await store.portals.list(workspaceId, { limit: pageSize, ...(after !== undefined && { after }) });
    for (const { slug } of page.items) {
      count += 1;
      if (isDryRun) continue;
      const change = changeOf(by, 'session.revoke', { type: 'session', id: slug }, undefined, { slug });
      await store.sessions.endAll(workspaceId, slug, change, 'without any');
    }
    if (page.next === undefined) return count;
    after = page.next;
  }
}

/** The users whose erasure has to be repeated: an entry of an erasure does not name them. */
async function findErased({ store, workspaceId }: Where, replays: Replay[]): Promise<void> {
  const erased = new Map(replays.flatMap((one) => (one.type === 'identity' && one.isDeleted ? [[one.id, one]] : [])));
  if (erased.size === 0) return;
  for (let after: string | undefined; ; ) {
    const wanted = ({ identityId }: { identityId: string }) => erased.has(identityId);
    const request = { limit: pageSize, ...(after !== undefined && { after }) };
    const page = await store.identities.list(workspaceId, wanted, request);
    for (const { identityId, externalId } of page.items) Object.assign(erased.get(identityId) ?? {}, { externalId });
    if (page.next === undefined) return;
    after = page.next;
  }
}

const describe = ({ type, id }: Replay) => `${type} ${id}`;

/** Makes one change again. */
async function replayOne(where: Where, replay: Replay, backupTime: number, sums: Fenced): Promise<void> {
  const replayer = replayers[replay.type];
  if (replayer === undefined) {
    sums.undecided.push({ resource: describe(replay), reason: 'this version does not know what it is' });
    return;
  }
  try {
    const outcome = await replayer(where, replay);
    if (outcome === 'absent') sums.lost += !replay.isDeleted && (replay.createdAt ?? 0) > backupTime ? 1 : 0;
    else sums[outcome] += 1;
    if (outcome === 'absent' || replay.isDeleted || replay.unknown.size === 0) return;
    const fields = [...replay.unknown].join(', ');
    const disabled = replay.type === 'key' ? ' The key is disabled if they bound it.' : '';
    sums.undecided.push({ resource: describe(replay), reason: `too long for the audit log: ${fields}.${disabled}` });
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    const failures = error.failures?.map(({ location, message }) => `${location} ${message}`) ?? [];
    sums.undecided.push({ resource: describe(replay), reason: [error.message, ...failures].join(' ') });
  }
}

async function replayAll(
  where: Where,
  entries: readonly AuditEntry[],
  backupTime: number,
  sums: Fenced,
): Promise<void> {
  const replays = replaysOf(entries, backupTime - marginMs);
  await findErased(where, replays);
  const known = Object.keys(replayers);
  for (const type of [...known, undefined]) {
    const ofType = replays.filter((one) => (type === undefined ? !known.includes(one.type) : one.type === type));
    for (let i = 0; i < ofType.length; i += atOnce)
      await Promise.all(ofType.slice(i, i + atOnce).map((replay) => replayOne(where, replay, backupTime, sums)));
  }
}

/** The enabled keys of a workspace, a page at a time. */
export async function* enabledKeys(store: Store, workspaceId: string) {
  for (let apis: string | undefined; ; ) {
    const ofApis = await store.apis.list(workspaceId, { limit: pageSize, ...(apis !== undefined && { after: apis }) });
    for (const { apiId } of ofApis.items) {
      for (let after: string | undefined; ; ) {
        const request = { limit: pageSize, ...(after !== undefined && { after }) };
        const page = await store.apiKeys.listOfApi(workspaceId, apiId, request, ({ enabled }) => enabled);
        yield page.items;
        if (page.next === undefined) break;
        after = page.next;
      }
    }
    if (ofApis.next === undefined) return;
    apis = ofApis.next;
  }
}

/** Disables all keys, and revokes all root keys. */
async function distrustAll(where: Where, sums: Fenced): Promise<void> {
  const { store, workspaceId, by, isDryRun } = where;
  for await (const keys of enabledKeys(store, workspaceId)) {
    for (let i = 0; i < keys.length; i += atOnce) {
      const some = keys.slice(i, i + atOnce);
      if (!isDryRun) await Promise.all(some.map(({ keyId }) => disableKey(where, keyId)));
      sums.made += some.length;
    }
  }
  for (const { rootKeyId } of await store.rootKeys.list(workspaceId)) {
    if (!isDryRun) await revokeRootKey(store, workspaceId, rootKeyId, by);
    sums.made += 1;
  }
}

/**
 * Ends the sessions of a workspace, and makes the changes again that the backup has undone. Servers refuse all calls from the first
 * step on, until `finishFence` finds that every workspace is fenced.
 *
 * @param backupTime when the backup was made, in Unix ms; 0 if that is unknown
 * @throws StoreUnavailable; then the same call can be repeated
 */
export async function fenceWorkspace(
  store: Store,
  workspaceId: string,
  { knowledge, backupTime, isDryRun = false }: { knowledge: Knowledge; backupTime: number; isDryRun?: boolean },
  { proof, ...from }: Author<Operator>,
): Promise<Fenced> {
  const by: Author<WorkspaceOperator> = { ...from, proof: { ...proof, workspaceId } };
  const where: Where = { store, workspaceId, by, isDryRun };
  const sums: Fenced = { portals: 0, made: 0, there: 0, lost: 0, undecided: [] };
  if (!isDryRun) await store.dataset.beginFence(backupTime);
  sums.portals = await endSessions(where);
  if (knowledge === 'disable') await distrustAll(where, sums);
  else if (knowledge !== 'keep') await replayAll(where, knowledge.entries, backupTime, sums);
  if (!isDryRun) {
    // Also those that a fence has begun which was killed: their users are not found any more.
    await completeErasures(store, workspaceId, 0);
    await store.dataset.finishWorkspace(workspaceId);
  }
  return sums;
}

/** Ends the fence if every workspace is fenced. Returns the workspaces that are not. */
export async function finishFence(store: Store): Promise<string[]> {
  const dataset = await store.dataset.read();
  const left = (await store.workspaces.list()).filter(({ workspaceId }) => !dataset.fenced.includes(workspaceId));
  if (left.length === 0) await store.dataset.endFence(dataset);
  return left.map(({ workspaceId }) => workspaceId);
}

/** Ends the sessions of a workspace, and leaves servers without it: the operator has not decided about the rest. */
export async function beginFence(
  store: Store,
  workspaceId: string,
  backupTime: number,
  { proof, ...from }: Author<Operator>,
): Promise<void> {
  const by: Author<WorkspaceOperator> = { ...from, proof: { ...proof, workspaceId } };
  await store.dataset.beginFence(backupTime);
  await endSessions({ store, workspaceId, by, isDryRun: false });
}
