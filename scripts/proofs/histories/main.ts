/**
 * `npm run prove -- histories`: random clients call several servers during faults, and a checker decides whether the servers behaved
 * like one server that does one call after another.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CouldNotRun, runProof } from '../proof.ts';
import { tableOf } from './history.ts';
import { kinds } from './plan.ts';
import { type Outcome, runHistories, type Settings, timesToCatch } from './run.ts';
import { faultsOf, type Topology } from './stage.ts';

const proof = {
  name: 'histories',
  title: 'Histories of concurrent calls',
  description:
    'See how many concurrent calls were checked during which faults, and how soon planted faults were found.',
  order: 81.5,
  group: 'Correctness',
};
const cluster = { name: '-cluster', title: ' on a cluster', order: 81.6 };
const more = {
  faults: { type: 'string' },
  topology: { type: 'string', default: 'alone' },
  plant: { type: 'string' },
  visualize: { type: 'string' },
  history: { type: 'string' },
} as const;

/** The sentences of the result. */
function linesOf({
  rounds,
  objects,
  calls,
  unknownCalls,
  faults,
  violations,
  undecided,
  unexpected,
}: Outcome): string[] {
  const happened = Object.entries(faults)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${name} ${times}`);
  return [
    `${rounds} rounds: ${calls} calls about ${objects} objects, ${unknownCalls} of them with an unknown outcome.`,
    `Faults: ${happened.join(', ') || 'none'}.`,
    `Not linearizable: ${violations.length} objects. Undecided: ${undecided.length}. Responses that no client should get: ${unexpected.length}.`,
    ...unexpected.slice(0, 5),
  ];
}

/** The planted faults, by the file in tests/proofs/planted. */
const planted: Record<string, string> = {
  'exchange-without-delete': 'GET instead of GETDEL in the exchange of a session id',
  'trusted-key': 'a cache in each process that trusts a valid key for one second',
  'limit-in-two-steps': 'a rate limit that reads, and then writes',
};
const seeds = 10;

/** A table of how soon each planted fault is found. */
async function plantedTable(settings: Settings): Promise<string> {
  const rows: string[] = [];
  for (const [name, text] of Object.entries(planted)) {
    const preload = [join(import.meta.dirname, '../../../tests/proofs/planted', `${name}.ts`)];
    const times = (await timesToCatch({ ...settings, preload, faults: [] }, seeds)).toSorted((a, b) => a - b);
    const shown = [times[0], times[seeds / 2], times.at(-1)].map((seconds) => `${seconds?.toFixed(1)} s`);
    rows.push(`| ${text} | ${times.filter(Number.isFinite).length} of ${seeds} | ${shown.join(' | ')} |`);
  }
  return [
    '## How soon planted faults are found',
    '',
    `From the first call to the verdict, for ${seeds} seeds, without any other fault:`,
    '',
    '| fault | found within a minute | soonest | median | latest |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

await runProof(
  proof,
  async ({ seed, seconds = 60, write, more: chosen }) => {
    const topology = chosen['topology'] as Topology;
    const known = faultsOf[topology];
    if (known === undefined) throw new CouldNotRun('--topology is alone or cluster');
    const faults = chosen['faults']?.split(',').filter((name) => name !== '') ?? known;
    const strange = faults.filter((name) => !known.includes(name));
    if (strange.length > 0) throw new CouldNotRun(`there is no fault ${strange.join(', ')}: ${known.join(', ')}`);
    const settings: Settings = {
      ...{ seed, seconds, topology, faults, kinds, servers: 3, workers: 2, clients: 12, stepsPerClient: 40 },
      preload: chosen['plant']?.split(',') ?? [],
      visualize: chosen['visualize'],
    };
    const outcome = await runHistories(settings);
    if (chosen['history'] !== undefined)
      await writeFile(chosen['history'], outcome.history.map((call) => `${JSON.stringify(call)}\n`).join(''));
    const { violations, undecided, unexpected, caughtAfterMs } = outcome;
    const found = violations.flatMap(({ object, calls }) => [
      `The calls about ${object} have no order that explains them. The response of the last one is the first that nothing explains:`,
      `\n${tableOf(calls)}\n`,
    ]);
    const again = `npm run prove -- histories ${process.argv.slice(2).join(' ')}`;
    const seeded = again.includes('--seed') ? again : `${again.trim()} --seed ${seed}`;
    const after =
      caughtAfterMs === undefined
        ? []
        : [`Found after ${(caughtAfterMs / 1000).toFixed(1)} s. The same plan again: ${seeded}`];
    return {
      held: violations.length + undecided.length + unexpected.length === 0,
      lines: [...linesOf(outcome), ...found, ...after],
      ...(topology === 'cluster' && { variant: cluster, args: ['--topology', topology] }),
      ...(write && topology === 'alone' && { details: await plantedTable(settings) }),
    };
  },
  more,
);
