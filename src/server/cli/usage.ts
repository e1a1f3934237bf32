import { once } from 'node:events';
import type { Command } from 'commander';
import { countsOf } from '../domain/usage/counts.ts';
import { addCommand, addNoun, withStore } from './command.ts';

export function addUsageCommands(program: Command): void {
  const noun = addNoun(program, 'usage', 'Usage of keys.');

  const description =
    'Writes the usage of a workspace as NDJSON: one line per user, key and time bucket. `time` is the start of the ' +
    'bucket in Unix ms. `granularity` is `minute` (stored for two days), `quarterHour` or `day`, which is a UTC day. The ' +
    'hours and days of any time zone are sums of quarter hours.';
  addCommand(noun, 'export', description, ['--workspace ws_… > usage.ndjson'])
    .requiredOption('--workspace <id>', 'the workspace')
    .action(async ({ workspace }) => {
      await withStore(async (store) => {
        for await (const { owner, resolution, buckets } of store.usage.everything(workspace)) {
          for (const [time, counts] of buckets) {
            const line = `${JSON.stringify({ ...owner, granularity: resolution, time, ...countsOf([counts]) })}\n`;
            // Waits for a slow reader, so that a large export does not accumulate in memory.
            if (!process.stdout.write(line)) await once(process.stdout, 'drain');
          }
        }
      });
    });
}
