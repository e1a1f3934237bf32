import { once } from 'node:events';
import type { Command } from 'commander';
import { countsOf } from '../domain/usage/counts.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand } from './command.ts';
import { printJson } from './output.ts';

export function addUsageCommands(program: Command): void {
  const noun = addNoun(program, 'usage', 'Usage of keys.');

  const description =
    'Writes the usage of a workspace as NDJSON: one line per user, key and time bucket. `time` is the start of the ' +
    'bucket in Unix ms. `granularity` is `minute` (stored for two days after its day), `quarterHour` or `day`, which is a UTC day. The ' +
    'hours and days of any time zone are sums of quarter hours.';
  actInWorkspace(
    addWorkspaceCommand(noun, 'export', description, ['--workspace ws_… > usage.ndjson']),
    async ({ store, workspaceId }) => {
      for await (const { owner: all, resolution, buckets } of store.usage.everything(workspaceId)) {
        // A line is of a user in an API or of a key, so that a reader cannot add up both by accident.
        const owner = all.keyId === undefined ? all : { keyId: all.keyId };
        for (const [time, counts] of buckets) {
          const line = { ...owner, granularity: resolution, time, ...countsOf([counts]) };
          // Waits for a slow reader, so that a large export does not accumulate in memory.
          if (!printJson(line)) await once(process.stdout, 'drain');
        }
      }
    },
  );
}
