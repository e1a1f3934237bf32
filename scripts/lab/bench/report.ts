import type { Run } from './load.ts';

const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);

const median = (numbers: number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** The median of the ratios within a round, with minimum and maximum. */
function ratio(ours: Run[], theirs: Run[], of: (run: Run) => number): string {
  const ratios = sorted(ours.map((run, i) => of(run) / of(theirs[i] ?? run)));
  return `${median(ratios).toFixed(2)} (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`;
}

const figures: [title: string, of: (run: Run) => number, digits: number][] = [
  ['requests/s', ({ requestsPerSecond }) => requestsPerSecond, 0],
  ['p50, ms', ({ p50 }) => p50 / 1000, 2],
  ['p99, ms', ({ p99 }) => p99 / 1000, 2],
  ['CPU, µs per request', ({ cpu }) => cpu, 0],
  ['Redis CPU, µs per request', ({ redisCpu }) => redisCpu, 1],
  ['memory, MB', ({ memory }) => memory / 1e6, 0],
];

const ratios: [title: string, of: (run: Run) => number][] = [
  ['throughput, Portico ÷ server', ({ requestsPerSecond }) => requestsPerSecond],
  ['p99, Portico ÷ server', ({ p99 }) => p99],
  ['CPU, Portico ÷ server', ({ cpu }) => cpu],
  ['Redis CPU, Portico ÷ server', ({ redisCpu }) => redisCpu],
];

/** The medians of all rounds, and how the first server compares with each other one. */
export function markdown(runs: Map<string, Map<string, Run[]>>): string {
  const head = ['operation', 'server', ...figures.map(([title]) => title), ...ratios.map(([title]) => title)];
  const rows = [...runs].flatMap(([id, peers]) => {
    const [ours = []] = peers.values();
    return [...peers].map(([name, theirs]) => [
      id,
      name,
      ...figures.map(([, of, digits]) => median(theirs.map(of)).toFixed(digits)),
      ...ratios.map(([, of]) => (theirs === ours ? '' : ratio(ours, theirs, of))),
    ]);
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
