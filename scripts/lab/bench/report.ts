import type { Run } from './load.ts';

const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);

const median = (numbers: number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const ratio = (ours: number[], theirs: number[]) => {
  const ratios = sorted(ours.map((value, i) => value / (theirs[i] ?? Number.NaN)));
  return `${median(ratios).toFixed(2)} (${ratios[0]?.toFixed(2)} to ${ratios.at(-1)?.toFixed(2)})`;
};

const figures: [title: string, of: (run: Run) => number, digits: number][] = [
  ['requests/s', ({ requestsPerSecond }) => requestsPerSecond, 0],
  ['p50, ms', ({ p50 }) => p50, 1],
  ['p99, ms', ({ p99 }) => p99, 1],
  ['CPU, µs per request', ({ cpuPerRequest }) => cpuPerRequest, 0],
  ['memory, MB', ({ memory }) => memory / 1e6, 0],
];

/**
 * The medians of all rounds, and how the first server compares with each other one: the median of the ratios within a
 * round, with minimum and maximum.
 */
export function markdown(runs: Map<string, Map<string, Run[]>>): string {
  const head = [
    'operation',
    'server',
    ...figures.map(([title]) => title),
    'throughput, Portico ÷ server',
    'CPU, Portico ÷ server',
  ];
  const rows = [...runs].flatMap(([id, peers]) => {
    const [ours = []] = peers.values();
    return [...peers].map(([name, theirs]) => [
      id,
      name,
      ...figures.map(([, of, digits]) => median(theirs.map(of)).toFixed(digits)),
      theirs === ours
        ? ''
        : ratio(
            ours.map((r) => r.requestsPerSecond),
            theirs.map((r) => r.requestsPerSecond),
          ),
      theirs === ours
        ? ''
        : ratio(
            ours.map((r) => r.cpuPerRequest),
            theirs.map((r) => r.cpuPerRequest),
          ),
    ]);
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
