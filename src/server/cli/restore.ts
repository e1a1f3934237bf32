import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  backupTimeOf,
  beginFence,
  enabledKeys,
  type Fenced,
  fenceWorkspace,
  finishFence,
  type Knowledge,
} from '../domain/restores/fence.ts';
import { isOfSession } from '../domain/restores/replay.ts';
import { requireWorkspace } from '../domain/workspaces/workspaces.ts';
import type { Store } from '../store/index.ts';
import { readAuditFile } from './audit-file.ts';
import { actInWorkspace, addCommand, addNoun, addWorkspaceCommand, collect, withStore } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { CommandFailure, UsageError } from './failure.ts';
import { commandLine } from './operator.ts';
import { printError, printJson, printList, printRecord } from './output.ts';

interface FenceOptions {
  workspace?: string;
  audit?: string[];
  withoutAudit?: 'keep' | 'disable';
  backupTime?: number;
  dryRun?: true;
  yes?: true;
  json?: true;
}

/** The time of a backup in Unix ms. @throws InvalidArgumentError */
function readPastTime(text: string): number {
  const time = /^\d{13}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (time > 0 && time <= Date.now()) return time;
  throw new InvalidArgumentError('It must be a time in the past, such as 2026-11-26T04:00:00Z.');
}

/** What the operator knows of the changes since the backup. @throws CommandFailure audit_log_incomplete, and as readAuditFile */
async function knowledgeOf({ audit, withoutAudit }: FenceOptions, backupTime: number): Promise<Knowledge | undefined> {
  if (audit === undefined) return withoutAudit;
  const files = await Promise.all(audit.map((path) => readAuditFile(path, (entry) => !isOfSession(entry))));
  if (backupTime > 0 && Math.min(...files.map(({ from }) => from)) > backupTime) {
    const time = new Date(backupTime).toISOString();
    const message = `The copy of the audit log begins after the backup was made (${time}): what happened in between is missing. Add the file before with another --audit.`;
    throw new CommandFailure('audit_log_incomplete', message);
  }
  return { entries: files.flatMap(({ entries }) => entries) };
}

/** The workspaces to fence. @throws UsageError; Problem workspace_not_found */
async function workspacesOf(store: Store, { workspace: id, audit }: FenceOptions): Promise<string[]> {
  if (id !== undefined) return [(await requireWorkspace(store, id)).workspaceId];
  const all = (await store.workspaces.list()).map(({ workspaceId }) => workspaceId);
  if (audit !== undefined && all.length > 1)
    throw new UsageError('Redis has several workspaces, each with its own audit log: add --workspace.');
  return all;
}

const undecided = (workspaceIds: string[]) =>
  new CommandFailure(
    'decision_required',
    `All sessions of ${workspaceIds.join(', ')} have ended, and servers refuse all calls. API keys and root keys that were deleted, disabled or revoked after the backup are valid again: add --audit with a copy of the audit log, or decide for all of them with --without-audit.`,
  );

async function fence(store: Store, options: FenceOptions): Promise<void> {
  const { dryRun: isDryRun = false, json } = options;
  const dataset = await store.dataset.read();
  const backupTime = options.backupTime ?? backupTimeOf(dataset);
  const workspaceIds = await workspacesOf(store, options);
  const knowledge = await knowledgeOf(options, backupTime);
  if (!isDryRun) await confirm(`End all sessions of ${workspaceIds.join(', ')}, and fence the restored data?`, options);
  if (knowledge === undefined) {
    if (isDryRun) throw new UsageError('Add --audit or --without-audit.');
    for (const workspaceId of workspaceIds) await beginFence(store, workspaceId, backupTime, commandLine);
    throw undecided(workspaceIds);
  }
  const fenced: (Fenced & { workspaceId: string })[] = [];
  for (const workspaceId of workspaceIds) {
    const how = { knowledge, backupTime, isDryRun };
    fenced.push({ workspaceId, ...(await fenceWorkspace(store, workspaceId, how, commandLine)) });
  }
  const notFenced = isDryRun ? [] : await finishFence(store);
  if (json) printJson({ backupTime, workspaces: fenced, notFenced });
  else {
    for (const { undecided: left, ...sums } of fenced) {
      printRecord({ backupTime, ...sums, undecided: left.length }, {});
      for (const { resource, reason } of left) printError(`${resource}: ${reason}\n`);
    }
    if (notFenced.length > 0)
      printError(`Servers refuse all calls until these are fenced too: ${notFenced.join(', ')}\n`);
  }
}

/** Adds `portico restore`. */
export function addRestoreCommands(program: Command): void {
  const noun = addNoun(program, 'restore', 'After a backup of Redis was restored.');
  const fenceCommand = addCommand(
    noun,
    'fence',
    'Ends all sessions, and makes the changes again that a restored backup has undone. Servers refuse all calls until it is complete. It can be stopped and repeated.',
    ['--audit audit.jsonl --dry-run', '--audit audit.jsonl', '--without-audit disable'],
  )
    .option('--workspace <id>', 'only this workspace (default: all)')
    .option(
      '--audit <file>',
      'a copy of the audit log of the workspace, with the time since the backup; repeatable',
      collect,
    )
    .addOption(
      new Option(
        '--without-audit <decision>',
        '`keep`: API keys and root keys stay as they are in the backup; `disable`: all API keys are disabled and all root keys revoked',
      )
        .choices(['keep', 'disable'])
        .conflicts('audit'),
    )
    .option('--backup-time <time>', 'when the backup was made (default: what Redis says)', readPastTime)
    .option('--dry-run', 'count what is to be done, and change nothing');
  addYes(fenceCommand).action((options: FenceOptions) => withStore((store) => fence(store, options)));

  actInWorkspace(
    addWorkspaceCommand(
      noun,
      'list',
      'Lists what a restored backup has that can be used: root keys and enabled API keys, for a decision.',
      ['--workspace ws_…', '--workspace ws_… --json'],
    ),
    async ({ store, workspaceId }, { json }) => {
      const rows: Record<string, unknown>[] = (await store.rootKeys.list(workspaceId)).map(
        ({ rootKeyId: id, name, createdAt }) => ({
          ...{ type: 'root_key', id, name, createdAt },
        }),
      );
      for await (const keys of enabledKeys(store, workspaceId)) {
        for (const { keyId: id, externalId, name, createdAt, lastUsedAt, expires } of keys)
          rows.push({ type: 'key', id, externalId, name, createdAt, lastUsedAt, expires });
      }
      if (json) printJson(rows);
      else printList(rows, ['type', 'id', 'externalId', 'name', 'createdAt', 'lastUsedAt', 'expires'], {});
    },
  );

  addCommand(
    noun,
    'dismiss',
    'Says that no backup was restored while no server was running, so that the doctor does not ask again.',
    [''],
  ).action(({ json }) =>
    withStore(async (store) => {
      await store.dataset.forgetGap();
      printRecord({ dismissed: true }, { json });
    }),
  );
}
