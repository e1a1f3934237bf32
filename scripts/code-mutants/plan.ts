/** Which tests each mutant runs against. */
import { basename } from 'node:path';
import type { Measured } from './protocol.ts';

/** The tests for a mutant: their full names by file. */
export interface Plan {
  /** It is switched on for each test. */
  switch: Map<string, string[]>;
  /** The file is loaded with it. Only for files that cover it outside their tests, or in a test that can run only once. */
  whole: Map<string, string[]>;
}

/** What the plan needs to know of a mutant. */
export interface Planned {
  id: string;
  file: string;
  /** The scripts that contain it, for Lua. */
  scripts: string[];
}

/** Whether a mutant is in a sample of this many percent. Spread over the code, and the same in each run. */
export const isInSample = (index: number, percent: number): boolean =>
  Math.imul(index + 1, 0x9e3779b1) >>> 0 < (percent / 100) * 2 ** 32;

type MeasuredTest = Measured['tests'][number] & { file: string };

const byMs = (a: { ms: number }, b: { ms: number }) => a.ms - b.ms;

/** The first tests, as many as fit into a time in ms, but at least one. */
function fitting<Test extends { ms: number }>(tests: Test[], budgetMs: number): Test[] {
  let leftMs = budgetMs;
  const end = tests.findIndex(({ ms }, i) => {
    leftMs -= Math.max(1, ms);
    return i > 0 && leftMs < 0;
  });
  return end < 0 ? tests : tests.slice(0, end);
}

/** The value of a key, which is made at its first use. */
function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** At most this many files are loaded with a mutant that no test covers, and with one that tests cover without noticing it. */
const wholeFiles = { uncovered: 3, covered: 1 };

/**
 * Plans the tests of all mutants.
 *
 * @param budgetMs the expected duration of the tests of one mutant. What does not fit is left out, so such a mutant can only be
 *   reported as a survivor too often, never too rarely.
 */
export function planTests(mutants: Planned[], measured: Measured[], budgetMs: number): Map<string, Plan> {
  const byScript = Map.groupBy(
    mutants.flatMap(({ id, scripts }) => scripts.map((script) => ({ id, script }))),
    ({ script }) => `lua:${script}`,
  );
  const known = new Set(mutants.map(({ id }) => id));
  const idsOf = (covers: string[]) => [
    ...new Set(covers.flatMap((id) => byScript.get(id)?.map((mutant) => mutant.id) ?? (known.has(id) ? [id] : []))),
  ];
  const allTests = measured.flatMap((each) => each.tests.map((test): MeasuredTest => ({ ...test, file: each.file })));
  /** The tests that cover a mutant, the cheapest first. */
  const covering = new Map<string, MeasuredTest[]>();
  for (const test of allTests.toSorted(byMs))
    for (const id of idsOf(test.covers)) getOrAdd(covering, id, () => []).push(test);
  /** By mutant and file, the tests that cover it once. */
  const outside = new Map<string, Map<Measured, string[]>>();
  const onceIn = (id: string, file: Measured) =>
    getOrAdd(
      getOrAdd(outside, id, () => new Map<Measured, string[]>()),
      file,
      () => [],
    );
  for (const file of measured) {
    for (const id of idsOf(file.outside)) onceIn(id, file);
    for (const { name, once } of file.tests) for (const id of idsOf(once)) onceIn(id, file).push(name);
  }

  const files = new Map(
    measured.map((file) => {
      const fit = fitting(file.tests.toSorted(byMs), budgetMs);
      const ms = fit.reduce((sum, test) => sum + test.ms, file.loadMs);
      return [file, { ms, names: fit.map(({ name }) => name) }];
    }),
  );
  const costOf = (file: Measured) => files.get(file)?.ms ?? 0;

  const planOf = ({ id, file }: Planned): Plan => {
    const chosen = fitting(covering.get(id) ?? [], budgetMs);
    const switched = new Map(
      [...Map.groupBy(chosen, (test) => test.file)].map(([name, tests]) => [name, tests.map((test) => test.name)]),
    );
    const nameBeside = basename(file).replace(/\.\w+$/, '.test.ts');
    const isBeside = (each: Measured) => basename(each.file) === nameBeside;
    const whole = [...(outside.get(id) ?? [])]
      .filter(([each, once]) => once.length > 0 || !switched.has(each.file))
      .toSorted(([a], [b]) => Number(isBeside(b)) - Number(isBeside(a)) || costOf(a) - costOf(b))
      .slice(0, switched.size > 0 ? wholeFiles.covered : wholeFiles.uncovered);
    const namesOf = (each: Measured, once: string[]) => [...new Set([...once, ...(files.get(each)?.names ?? [])])];
    return { switch: switched, whole: new Map(whole.map(([each, once]) => [each.file, namesOf(each, once)])) };
  };
  return new Map(mutants.map((mutant) => [mutant.id, planOf(mutant)]));
}
