import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { AuditEntry } from '../../../generated/client/types.gen.ts';
import type { Store } from '../store/index.ts';
import { addCommand, addNoun, print, withStore } from './command.ts';

/** How often `tail` looks for new entries, in ms. */
const tailIntervalMs = 500;

const latest = async (store: Store, workspaceId: string, limit: number, filter = {}) =>
  (await store.audit.list(workspaceId, filter, { limit })).items.toReversed();

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
  const limit = [
    '--limit <n>',
    'maximum number of entries, up to 1000',
    (text: string) => Math.min(Number(text) || 1, 1000),
  ] as const;

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
        let last = '0-0';
        for (let entries = await latest(store, id, count); ; entries = await store.audit.listSince(id, last)) {
          for (const entry of entries) printEntry(entry, { json });
          last = entries.at(-1)?.auditId ?? last;
          await sleep(tailIntervalMs, undefined, { signal: stop.signal }).catch(() => {});
          if (stop.signal.aborted) return;
        }
      }),
    );
}
