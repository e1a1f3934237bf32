import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';

import type { AuditAction, AuditEntry } from '../../../generated/client/types.gen.ts';
import { knownValues } from '../../../generated/known-values.ts';
import type { Store } from '../store/index.ts';
import { StoreUnavailable } from '../store/redis.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand } from './command.ts';
import { printCells, printError, printJson, printList, shown } from './output.ts';

/** How often `tail` looks for new entries, in ms. */
const tailIntervalMs = 500;

/** @throws InvalidArgumentError */
function readLimit(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1 || Number(text) > 1000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  return Number(text);
}

const latest = async (store: Store, workspaceId: string, limit: number, filter = {}) =>
  (await store.audit.list(workspaceId, filter, { limit })).items.toReversed();

/**
 * The latest entries and then each new entry, oldest first, until the signal is aborted. It waits while Redis is unavailable, and then goes on
 * where it was, because the output can be the only copy of the log.
 *
 * @param intervalMs how often it looks for new entries
 * @throws StoreUnavailable if Redis is unavailable at the start, or refuses
 */
export async function* follow(
  store: Store,
  workspaceId: string,
  limit: number,
  signal: AbortSignal,
  intervalMs = tailIntervalMs,
): AsyncGenerator<AuditEntry> {
  const more = store.audit.follow(workspaceId, limit);
  yield* await more();
  let isWaiting = false;
  for (;;) {
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const found = await more().catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable) || error.refusal !== undefined) throw error;
    });
    if (found === undefined && !isWaiting) printError('Redis is unreachable. New entries follow when it is back.\n');
    isWaiting = found === undefined;
    yield* found ?? [];
  }
}

/** An entry in a row, for people. */
const rowOf = ({ time, action, actor, ip = '-', resource }: AuditEntry) => ({
  time,
  action,
  resource: resource.id,
  by: actor.externalId ?? actor.id ?? actor.type,
  ip,
});

/** `tail` prints a row before it knows the next one: the widths are those of most values. */
const widths = [
  shown('time', 0).length,
  Math.max(...knownValues.AuditAction.map((action) => action.length)),
  'portal_2c9a0jf23l4k567mnopq'.length,
  'rkid_2c9a0jf23l4k567mnopq'.length,
];

/** Prints an entry as one line, in JSON or for people. */
function printEntry(entry: AuditEntry, { json }: { json?: true | undefined }): void {
  if (json) printJson(entry);
  else
    printCells(
      Object.entries(rowOf(entry)).map(([name, value]) => shown(name, value)),
      widths,
    );
}

export function addAuditCommands(program: Command): void {
  const noun = addNoun(program, 'audit', 'The audit log: who did what, and when.');
  const limit = ['--limit <n>', 'maximum number of entries, up to 1000', readLimit] as const;

  actInWorkspace<{ limit: number; action?: AuditAction; actorId?: string; resourceId?: string }>(
    addWorkspaceCommand(noun, 'list', 'Lists the latest entries, oldest first.', [
      '--workspace ws_…',
      '--workspace ws_… --action session.revoke --limit 100 --json',
    ])
      .option(...limit, 20)
      .addOption(new Option('--action <action>', 'only entries of this action').choices(knownValues.AuditAction))
      .option('--actor-id <id>', 'only entries of this root key or session')
      .option('--resource-id <id>', 'only entries about this resource'),
    async ({ store, workspaceId }, { limit: count, action, actorId, resourceId, json }) => {
      const entries = await latest(store, workspaceId, count, { action, actorId, resourceId });
      if (json) printJson(entries);
      else printList(entries.map(rowOf), ['time', 'action', 'resource', 'by', 'ip'], {});
    },
  );

  actInWorkspace<{ limit: number }>(
    addWorkspaceCommand(noun, 'tail', 'Prints the latest entries and then each new entry, until Ctrl-C.', [
      '--workspace ws_…',
      '--workspace ws_… --json | jq .action',
    ]).option(...limit, 10),
    async ({ store, workspaceId }, { limit: count, json }) => {
      const stop = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
      for await (const entry of follow(store, workspaceId, count, stop.signal)) printEntry(entry, { json });
    },
  );
}
