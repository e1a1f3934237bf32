import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditEntry } from '../../../generated/client/types.gen.ts';
import type { Store } from '../store/index.ts';
import { addCommand, addNoun, print, withStore } from './command.ts';

/** How often `tail` looks for new entries, in ms. */
const tailIntervalMs = 500;

/** @throws InvalidArgumentError */
function readLimit(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  return Math.min(Number(text), 1000);
}

const latest = async (store: Store, workspaceId: string, limit: number, filter = {}) =>
  (await store.audit.list(workspaceId, filter, { limit })).items.toReversed();

/**
 * The latest entries and then each new entry, oldest first, until the signal is aborted.
 *
 * @param intervalMs how often it looks for new entries
 */
export async function* follow(
  store: Store,
  workspaceId: string,
  limit: number,
  signal: AbortSignal,
  intervalMs = tailIntervalMs,
): AsyncGenerator<AuditEntry> {
  let last = '0-0';
  for (
    let entries = await latest(store, workspaceId, limit);
    ;
    entries = await store.audit.listSince(workspaceId, last)
  ) {
    yield* entries;
    last = entries.at(-1)?.auditId ?? last;
    await sleep(intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}

/** Prints an entry as one line, in JSON or for people. */
function printEntry(entry: AuditEntry, { json }: { json?: true }): void {
  const { time, action, actor, ip = '-', resource } = entry;
  const who = actor.externalId ?? actor.id ?? actor.type;
  const line = json
    ? JSON.stringify(entry)
    : `${new Date(time).toISOString()}  ${action.padEnd(18)}  ${resource.id}  by ${who}  ${ip}`;
  process.stdout.write(`${line}\n`);
}

export function addAuditCommands(program: Command): void {
  const noun = addNoun(program, 'audit', 'The audit log: who did what, and when.');
  const workspace = ['--workspace <id>', 'the workspace'] as const;
  const limit = ['--limit <n>', 'maximum number of entries, up to 1000', readLimit] as const;

  addCommand(noun, 'list', 'Lists the latest entries, oldest first.', [
    '--workspace ws_…',
    '--workspace ws_… --action session.revoke --limit 100 --json',
  ])
    .requiredOption(...workspace)
    .option(...limit, 20)
    .option('--action <action>', 'only entries of this action, such as session.create')
    .option('--actor-id <id>', 'only entries of this root key or session')
    .option('--resource-id <id>', 'only entries about this resource')
    .action(async ({ workspace: id, limit: count, action, actorId, resourceId, json }) =>
      print(await withStore((store) => latest(store, id, count, { action, actorId, resourceId })), { json }),
    );

  addCommand(noun, 'tail', 'Prints the latest entries and then each new entry, until Ctrl-C.', [
    '--workspace ws_…',
    '--workspace ws_… --json | jq .action',
  ])
    .requiredOption(...workspace)
    .option(...limit, 10)
    .action(async ({ workspace: id, limit: count, json }) =>
      withStore(async (store) => {
        const stop = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
        for await (const entry of follow(store, id, count, stop.signal)) printEntry(entry, { json });
      }),
    );
}
