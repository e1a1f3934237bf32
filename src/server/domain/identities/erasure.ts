import { Problem } from '../../problem.ts';
import type { Erasure } from '../../store/erasures.ts';
import type { Store } from '../../store/index.ts';
import type { Manager } from '../../store/proof.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';
import { redactedEntry } from './redaction.ts';

/** How often a process looks for erasures whose process has died, and how old they are at least, in ms. */
const pauseMs = 3000;

/** Does every step of an erasure that is recorded. Any number of processes can do it at the same time. */
async function complete(store: Store, erasure: Erasure): Promise<void> {
  const { erasures } = store;
  const redacted = (entry: string) => redactedEntry(entry, erasure);
  for (let isDone = false; !isDone; ) {
    if (!(await erasures.mark(erasure))) break;
    await erasures.removeSessions(erasure);
    await erasures.removeKeys(erasure);
    await erasures.removeUsage(erasure);
    await erasures.redact(erasure, redacted, (other) => complete(store, other));
    isDone = await erasures.finish(erasure);
  }
  await erasures.forget(erasure);
}

/**
 * Removes everything about a user. Resolves when nothing is left. If this process dies, another one completes it.
 *
 * @throws Problem identity_not_found; of a caller that is no longer valid
 */
export async function deleteIdentity(
  store: Store,
  workspaceId: string,
  externalId: string,
  by: Author<Manager>,
): Promise<{ identityId: string }> {
  const identityId = await store.identities.findId({ workspaceId, externalId });
  if (identityId === undefined) throw new Problem('unkey/data/identity_not_found');
  const erasure = { workspaceId, externalId, identityId, since: Date.now() };
  const subject = { identityId, erased: true };
  const change = changeOf(by, 'identity.delete', { type: 'identity', id: identityId }, undefined, undefined, subject);
  await store.erasures.begin(erasure, change);
  await complete(store, erasure);
  return { identityId };
}

/**
 * Completes the erasures of a workspace that began some time ago: their process may have died.
 *
 * @param minAgeMs how old they are at least
 */
export async function completeErasures(store: Store, workspaceId: string, minAgeMs = pauseMs): Promise<void> {
  // The clock of the process that began it may be ahead, or have gone back.
  for (const erasure of await store.erasures.list(workspaceId))
    if (Math.abs(Date.now() - erasure.since) >= minAgeMs) await complete(store, erasure);
}

/**
 * Looks for erasures that another process has left: at once in all workspaces, and then in those that this process serves. A failure
 * means that Redis does not reply, and the next look may find them.
 *
 * @returns stops it
 */
export function startErasures(store: Store): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async (workspaceIds: () => string[] | Promise<string[]>) => {
    const complete = async () => {
      for (const workspaceId of await workspaceIds()) if (!isStopped) await completeErasures(store, workspaceId);
    };
    await complete().catch(() => {});
    if (!isStopped) timer = setTimeout(look, pauseMs, store.servedWorkspaces).unref();
  };
  void look(async () => (await store.workspaces.list()).map(({ workspaceId }) => workspaceId));
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
