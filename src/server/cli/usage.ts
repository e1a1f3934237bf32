import { once } from 'node:events';
import type { Command } from 'commander';
import { countsOf } from '../domain/usage/usage.ts';
import { addCommand, addNoun, withStore } from './command.ts';

export function addUsageCommands(program: Command): void {
  const noun = addNoun(program, 'usage', 'Usage of keys.');

  addCommand(noun, 'export', 'Writes the usage of a workspace as NDJSON: one line per user, key and time bucket.', [
    '--workspace ws_… > usage.ndjson',
  ])
    .requiredOption('--workspace <id>', 'the workspace')
    .action(async ({ workspace }) => {
      await withStore(async (store) => {
        for await (const { owner, granularity, buckets } of store.usage.everything(workspace)) {
          for (const [time, counts] of buckets) {
            const line = `${JSON.stringify({ ...owner, granularity, time, ...countsOf([counts]) })}\n`;
            // Waits for a slow reader, so that a large export does not accumulate in memory.
            if (!process.stdout.write(line)) await once(process.stdout, 'drain');
          }
        }
      });
    });
}
