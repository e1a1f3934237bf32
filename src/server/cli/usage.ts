import { once } from 'node:events';
import type { Command } from 'commander';
import { countsOf } from '../domain/usage/usage.ts';
import { addCommand, addNoun, withStore } from './command.ts';

export function addUsageCommands(program: Command): void {
  const noun = addNoun(program, 'usage', 'How keys were used.');

  addCommand(noun, 'export', "Writes a workspace's usage as NDJSON: a line for each bucket, of each user and key.", [
    '--workspace ws_… > usage.ndjson',
  ])
    .requiredOption('--workspace <id>', 'the workspace')
    .action(async ({ workspace }) => {
      await withStore(async (store) => {
        for await (const { owner, granularity, buckets } of store.usage.everything(workspace)) {
          for (const [time, counts] of buckets) {
            const line = `${JSON.stringify({ ...owner, granularity, time, ...countsOf([counts]) })}\n`;
            // A slow reader is waited for, so that a large export does not pile up in memory.
            if (!process.stdout.write(line)) await once(process.stdout, 'drain');
          }
        }
      });
    });
}
