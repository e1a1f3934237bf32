import type { Command } from 'commander';
import { readConfig } from '../config/index.ts';
import { newId } from '../domain/credentials.ts';
import { busyMs, migrate } from '../domain/workspaces/migration.ts';
import { requireWorkspace } from '../domain/workspaces/workspaces.ts';
import type { Store } from '../store/index.ts';
import { lockSeconds } from '../store/migration.ts';
import { addExamples, anyFormat, invocation, withStore } from './command.ts';
import { CommandFailure } from './failure.ts';
import { commandLine } from './operator.ts';
import { printError, printRecord } from './output.ts';

/** How often the progress is printed, in ms. */
const progressMs = 1000;

/** @throws CommandFailure old_server_running if a server of 0.1.0 has served a call within the last minute */
async function requireStopped(store: Store, workspaces: Parameters<typeof busyMs>[1]): Promise<void> {
  const ms = await busyMs(store, workspaces);
  if (ms === 0) return;
  throw new CommandFailure(
    'old_server_running',
    `A server of 0.1.0 has served a call within the last minute. Stop all of them, and try again in ${Math.ceil(ms / 1000)} s.`,
  );
}

/** Runs the work while no other migration runs. @throws CommandFailure migration_running */
async function alone<T>(store: Store, work: () => Promise<T>): Promise<T> {
  const id = newId('req');
  if (!(await store.migration.lock(id))) {
    const message = `Another migration is running. If it was killed, try again in ${lockSeconds} s.`;
    throw new CommandFailure('migration_running', message);
  }
  const renewal = setInterval(() => void store.migration.lock(id).catch(() => {}), (lockSeconds * 1000) / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await store.migration.unlock().catch(() => {});
  }
}

/** Adds `portico migrate`. */
export function addMigrateCommand(program: Command): void {
  const command = program
    .command('migrate')
    .description(
      'Migrates data of 0.1.0. Stop all servers of 0.1.0 first. It can be stopped and repeated. Sessions of 0.1.0 end.',
    )
    .option('--workspace <id>', 'only this workspace (default: all)')
    .option('--dry-run', 'count what is to be done, and change nothing')
    .option('--json', 'print one line of JSON, also for an error')
    .exitOverride()
    .showHelpAfterError('(add --help for usage and examples)');
  addExamples(command, [`${invocation} migrate --dry-run`, `${invocation} migrate`]).action(
    ({ workspace: id, dryRun: isDryRun = false, json }) =>
      withStore(async (store) => {
        const workspaces = id === undefined ? await store.workspaces.list() : [await requireWorkspace(store, id)];
        if (!isDryRun) await requireStopped(store, workspaces);
        let printedAt = Date.now();
        const onProgress = (sums: object) => {
          if (Date.now() - printedAt < progressMs) return;
          printedAt = Date.now();
          printError(
            `${Object.entries(sums)
              .map(([name, sum]) => `${name} ${sum}`)
              .join(', ')}\n`,
          );
        };
        const options = { retentionDays: readConfig().usageRetentionDays, isDryRun, onProgress };
        const run = () => migrate(store, workspaces, options, commandLine);
        const { left, ...sums } = await (isDryRun ? run() : alone(store, run));
        if (left > 0) {
          const message = `${left} records of 0.1.0 are there again. Stop all servers of 0.1.0, and repeat the command.`;
          throw new CommandFailure('old_server_running', message);
        }
        printRecord(sums, { json });
      }, anyFormat),
  );
}
