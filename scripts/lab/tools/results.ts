/** The results of the benchmark, and their tables. */
import { type PromiseKind, promiseKinds } from '../../../contract-tests/mutants/promises.ts';

/** One run of a tool against one mutant. */
export interface MutantRun {
  tool: string;
  mutant: string;
  kind: PromiseKind;
  /** The findings that the tool does not have on the healthy server. */
  found: string[];
  seconds: number;
  /** Why the tool could not run. */
  error?: string;
}

/** One run of a tool against one operation of the healthy server: every finding is a false alarm. */
export interface HealthyRun {
  tool: string;
  operation: string;
  found: string[];
  seconds: number;
  error?: string;
}

/** What the benchmark measured, and how to repeat it. */
export interface Results {
  date: string;
  seed: number;
  /** The time that each tool had for each mutant. */
  seconds: number;
  tools: string[];
  operations: string[];
  mutants: MutantRun[];
  healthy: HealthyRun[];
}

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;

const medianOf = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The tables of the page: what each tool caught by kind, its false alarms and its time. */
export function resultTables({ tools, mutants, healthy }: Results): string {
  const of = <T extends { tool: string }>(runs: T[], tool: string) => runs.filter((run) => run.tool === tool);
  const caught = (runs: MutantRun[]) => runs.filter(({ found }) => found.length > 0).length;
  const kinds = (Object.keys(promiseKinds) as PromiseKind[]).filter((kind) => mutants.some((run) => run.kind === kind));
  const byKind = kinds.map((kind) => {
    const own = mutants.filter((run) => run.kind === kind);
    const count = own.length / tools.length;
    return row([kind, promiseKinds[kind].replace(/; .*/, ''), count, ...tools.map((tool) => caught(of(own, tool)))]);
  });
  const cells = (text: string, value: (tool: string) => string | number) => row([text, '', '', ...tools.map(value)]);
  return [
    row(['kind', 'the defect', 'mutants', ...tools]),
    row(['---', '---', '--:', ...tools.map(() => '--:')]),
    ...byKind,
    row(['**all**', '', mutants.length / tools.length, ...tools.map((tool) => `**${caught(of(mutants, tool))}**`)]),
    cells(
      'runs that ended with an error',
      (tool) => [...of(mutants, tool), ...of(healthy, tool)].filter(({ error }) => error).length,
    ),
    cells(
      'operations of the healthy server with a false alarm',
      (tool) => of(healthy, tool).filter(({ found }) => found.length > 0).length,
    ),
    cells('false alarms there', (tool) => of(healthy, tool).reduce((sum, { found }) => sum + found.length, 0)),
    cells('seconds for a mutant, median', (tool) =>
      medianOf(of(mutants, tool).map(({ seconds }) => Math.round(seconds))),
    ),
  ].join('\n');
}
