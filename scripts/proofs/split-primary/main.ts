/**
 * `npm run prove -- split-primary`: a primary is cut off with some servers and their clients, and stays alive. What do those servers
 * acknowledge, and how much of that does the new primary know?
 */
import { CouldNotRun, runProof } from '../proof.ts';
import { type Cost, measure } from './cost.ts';
import { acknowledgedOf, brokenBy, leadMs, type Settings, type Split, split } from './run.ts';
import { downAfterMs, maxLagSeconds } from './stage.ts';

const proof = {
  name: 'split-primary',
  title: 'A primary that is cut off',
  description:
    'See what a primary that is cut off acknowledges and loses, with Sentinels and in a cluster, for each setting.',
  order: 83.5,
  group: 'Failures',
};

/** A kind of cut: which nodes, and how many replicas stay on the old side. */
type Plan = Pick<Settings, 'topology' | 'minReplicas' | 'companions'>;

const plans: Plan[] = (['sentinel', 'cluster'] as const).flatMap((topology) => [
  { topology, minReplicas: false, companions: 0 },
  { topology, minReplicas: true, companions: 0 },
  { topology, minReplicas: true, companions: 1 },
]);
const names = { sentinel: 'Sentinel', cluster: 'Cluster', 'by hand': 'by hand' };

/** Two replicas, so that the new side has one again. The last server of the new side judges. */
const serversOf = ({ companions }: Plan): Settings['servers'] => [
  { name: 'old 1', side: 'old', wait: companions },
  { name: 'old 2', side: 'old', wait: companions + 1 },
  { name: 'new 1', side: 'new', wait: 1 },
  { name: 'new 2', side: 'new', wait: 0 },
];

const seconds = (ms: number) => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'until the end');
const lowest = (ms: number) => (ms === 0 ? 'at once' : seconds(ms));

/** The rows of the table of what was lost. */
function rowsOf({ topology, minReplicas, companions }: Plan, { counts, newSide }: Split): string[] {
  return counts.map((count) => {
    const set = [minReplicas && '`min-replicas-to-write 1`', count.wait > 0 && `\`REDIS_WAIT_REPLICAS=${count.wait}\``];
    const again = newSide.find(({ wait }) => wait === Math.min(count.wait, 1));
    const of = (part: number, all: number) => `${part} of ${all}`;
    return `| ${[
      `${names[topology]}${companions > 0 ? ', a replica is cut off as well' : ''}`,
      set.filter(Boolean).join(', ') || 'none',
      of(count.lostExchanges, count.exchanged),
      of(count.doubled, count.contested),
      of(count.resurrected, count.ended),
      of(count.lostCreated, count.created),
      lowest(count.acknowledgedForMs),
      `${count.staleKeys} and ${count.staleSessions}`,
      seconds(again?.refusedForMs ?? Number.POSITIVE_INFINITY),
    ].join(' | ')} |`;
  });
}

const table = (head: string[], rows: string[]) =>
  [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n');

function detailsOf(rows: string[], costs: Cost[]): string {
  const ms = ({ median, p99 }: Cost['alone']) => `${median.toFixed(1)} and ${p99.toFixed(1)} ms`;
  return `## What was acknowledged, and lost

Each row is one server on the side of the old primary. "Lost", "won twice" and "came back" are calls that it acknowledged with 200 in the last
${seconds(leadMs)} before the cut, or during it, as the new primary knows them afterwards. A deletion that is repeated after a 503 and then gets a 404 counts as acknowledged.
"Still accepted" are keys and sessions that had ended on the new side, at the end of the cut. The last column is the time after the cut until a server
of the new side with the same \`REDIS_WAIT_REPLICAS\`, of at most 1, acknowledged a change.

${table(['topology', 'settings', 'exchanges lost', 'exchanges won twice', 'deletes and revocations that came back', 'new keys lost', 'old side acknowledges for', 'still accepted keys and sessions', 'new side refuses for'], rows)}

## What it costs to wait

\`portico.createSession\` on a primary with two replicas on the same machine, by turns. Times are median and 99th percentile.

${table(
  ['`REDIS_WAIT_REPLICAS`', 'one client', '32 clients', 'calls per second', 'CPU of Redis for each call'],
  costs.map(
    (cost) =>
      `| ${cost.wait} | ${ms(cost.alone)} | ${ms(cost.together)} | ${Math.round(cost.perSecond)} | ${Math.round(cost.redisMicroseconds)} µs |`,
  ),
)}
`.replace('portico.createSession', 'portal.createSession');
}

await runProof(
  proof,
  async ({ runs = 1, random, write, more: { topology } }) => {
    const chosen = plans.filter((plan) => topology === undefined || plan.topology === topology);
    if (chosen.length === 0) throw new CouldNotRun('--topology is sentinel or cluster');
    const rows: string[] = [];
    const broken: string[] = [];
    let [cuts, acknowledged, byWaiting] = [0, 0, 0];
    for (let run = 0; run < runs; run++)
      for (const plan of chosen) {
        const servers = serversOf(plan);
        const result = await split({ ...plan, servers, replicas: 2, users: 20, cutMs: 6000, heals: true, random });
        const { counts, cutForMs, demotedAfterMs } = result;
        if (counts.some((count) => acknowledgedOf(count) === 0))
          throw new CouldNotRun('a server of the old side acknowledged nothing at all: the machine is busy');
        cuts += 1;
        for (const count of counts) {
          acknowledged += acknowledgedOf(count);
          if (count.wait > plan.companions) byWaiting += acknowledgedOf(count);
        }
        rows.push(...rowsOf(plan, result));
        // Of more replicas than are cut off.
        broken.push(...counts.filter(({ wait }) => wait > plan.companions).flatMap(brokenBy));
        const about = `${names[plan.topology]}, ${plan.companions} replicas cut off`;
        console.log(
          `${about}: cut for ${seconds(cutForMs)}, the old primary was a replica ${seconds(demotedAfterMs)} later`,
        );
        for (const row of rows.slice(-2)) console.log(row);
      }
    const costs = write ? await measure(5) : [];
    const lines = [
      `${cuts} cuts of at least 6 s, with two replicas and ${downAfterMs} ms until a node counts as failed; \`min-replicas-max-lag\` is ${maxLagSeconds}.`,
      `Servers on the old side acknowledged ${acknowledged} changes, from ${seconds(leadMs)} before each cut to its end.`,
      broken.length === 0
        ? `${byWaiting} of them are of servers that wait for more replicas than were cut off with the primary. None of these was lost.`
        : `Lost although the server waited for more replicas than were cut off: ${broken.join('; ')}.`,
    ];
    return { held: broken.length === 0, lines, ...(write && { details: detailsOf(rows, costs) }) };
  },
  { topology: { type: 'string' } },
);
