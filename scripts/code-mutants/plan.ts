/** Which tests a mutant runs against, and in which order. */
import { basename } from 'node:path';
import { partsOf } from './state.ts';

/** What the dry run measured, in ms. */
export interface Costs {
  /** By file: everything but its tests. */
  load: Record<string, number>;
  /** By id. */
  tests: Record<string, number>;
}

/** A run of a test file: some of its tests, or all. */
export interface PlannedRun {
  file: string;
  names: string[];
  /** How long one test may take, in ms: a mutant can make it wait forever. */
  testTimeoutMs: number;
}

/** Whether a mutant is in a sample of this many percent. Spread over the code, and the same in each run. */
export const isInSample = (id: string, percent: number): boolean =>
  Math.imul(Number(id) + 1, 0x9e3779b1) >>> 0 < (percent / 100) * 2 ** 32;

/** Evenly spaced elements of a list. */
const sample = <T>(list: T[], count: number): T[] =>
  list.length <= count
    ? list
    : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T);

/**
 * The runs for a mutant: first the unit test beside its file, then from the cheapest to the most expensive, and files that
 * cover it outside their tests last.
 *
 * @param ids the tests and files that cover it
 * @param mutated the file of the mutant
 * @param budgetMs the expected duration of all runs. What does not fit is left out, so such a mutant can only be reported as
 *   a survivor too often, never too rarely.
 */
export function planRuns(ids: string[], mutated: string, costs: Costs, budgetMs: number): PlannedRun[] {
  const files = new Map<string, { names: string[]; isWhole: boolean }>();
  for (const id of ids) {
    const { file, fullName } = partsOf(id);
    const planned = files.get(file) ?? { names: [], isWhole: false };
    files.set(file, planned);
    if (fullName === undefined) planned.isWhole = true;
    else planned.names.push(fullName);
  }
  const stem = basename(mutated, '.ts');
  const costOf = (file: string, names: string[]) =>
    names.reduce((sum, name) => sum + (costs.tests[`${file} > ${name}`] ?? 0), costs.load[file] ?? 0);
  const allOf = (file: string) =>
    Object.keys(costs.tests)
      .filter((id) => id.startsWith(`${file} > `))
      .map((id) => partsOf(id).fullName ?? '');
  const byCost = (a: { ms: number }, b: { ms: number }) => a.ms - b.ms;
  const isBeside = (file: string) => basename(file) === `${stem}.test.ts`;
  // All tests of the unit test: some reach the code in a thread, where nobody sees what they cover.
  const beside = [...files.keys()].filter(isBeside).map((file) => ({ file, names: allOf(file) }));
  const specific = [...files]
    .filter(([file, { names }]) => names.length > 0 && !isBeside(file))
    .map(([file, { names }]) => ({ file, names, ms: costOf(file, names) }))
    .toSorted(byCost);
  const whole = [...files]
    .filter(([file, { isWhole }]) => isWhole && !isBeside(file))
    .map(([file]) => ({ file, names: allOf(file), ms: costOf(file, allOf(file)) }))
    .toSorted(byCost);

  const runs: PlannedRun[] = [];
  let leftMs = budgetMs;
  for (const { file, names } of [...beside, ...specific, ...whole]) {
    const loadMs = costs.load[file] ?? 0;
    const testMs = costOf(file, names) - loadMs;
    if (leftMs - loadMs <= 0 && runs.length > 0) continue;
    const share = testMs === 0 ? 1 : Math.min(1, Math.max(0, leftMs - loadMs) / testMs);
    const chosen = sample(names, Math.max(1, Math.floor(names.length * share)));
    const longestMs = Math.max(...chosen.map((name) => costs.tests[`${file} > ${name}`] ?? 0));
    runs.push({ file, names: chosen, testTimeoutMs: 3000 + 3 * longestMs });
    leftMs -= costOf(file, chosen);
  }
  return runs;
}
