/** Which tests each mutant runs against. */
import { basename } from 'node:path';
import type { Measured } from './protocol.ts';
import { wordsOf } from './words.ts';

/** The tests for a mutant: their full names by file. */
export interface Plan {
  /** It is switched on for each test. The most promising file and test come first. */
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
  /** The id of its statement, for Lua. */
  statement?: string;
  /** The ids of mutants of code that uses what it changes: tests that cover them may notice it. */
  related?: () => string[];
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

/** At most this many files are loaded with a mutant. */
const wholeFiles = 1;
/** A mutant that so many tests cover each time they run has no load of its own for those that cover it only once: a load takes seconds. */
const enoughTests = 10;

/** A test with one word of a file is worth as much as one that is so many times as expensive, and one more. */
const wordWeight = 4;

/**
 * The tests for each mutant that they cover, as many as fit into a time in ms, but at least one. First come those that are cheap, that
 * cover little outside its file, and whose names or files have words of its file.
 */
function chooseTests(
  tests: MeasuredTest[],
  idsOf: (covers: string[]) => string[],
  fileOf: Map<string, string>,
  budgetMs: number,
): Map<string, MeasuredTest[]> {
  const ofFile = new Map<string, { test: MeasuredTest; ids: string[]; price: number }[]>();
  const wordsOfFile = new Map([...new Set(fileOf.values())].map((file) => [file, [...wordsOf(file)]]));
  for (const test of tests) {
    const ids = idsOf(test.covers);
    const words = wordsOf(`${test.file} ${test.name}`);
    for (const [file, own] of Map.groupBy(ids, (id) => fileOf.get(id) ?? '')) {
      const shared = (wordsOfFile.get(file) ?? []).filter((word) => words.has(word)).length;
      const price = (Math.max(1, test.ms) * ids.length) / own.length / (1 + wordWeight * shared);
      getOrAdd(ofFile, file, () => []).push({ test, ids: own, price });
    }
  }
  const chosen = new Map<string, MeasuredTest[]>();
  const leftMs = new Map<string, number>();
  for (const found of ofFile.values()) {
    // Tests of one file notice much the same, so the second one of each is worth half as much as the first.
    const ranks = new Map<string, number>();
    const ranked = found
      .toSorted((a, b) => a.price - b.price)
      .map((each) => {
        const rank = (ranks.get(each.test.file) ?? 0) + 1;
        ranks.set(each.test.file, rank);
        return { ...each, price: each.price * rank };
      });
    for (const { test, ids } of ranked.toSorted((a, b) => a.price - b.price)) {
      for (const id of ids) {
        const left = (leftMs.get(id) ?? budgetMs) - Math.max(1, test.ms);
        if (left < 0 && chosen.has(id)) continue;
        leftMs.set(id, left);
        getOrAdd(chosen, id, () => []).push(test);
      }
    }
  }
  return chosen;
}

/**
 * Plans the tests of mutants.
 *
 * @param budgetMs the expected duration of the tests of one mutant. What does not fit is left out, so such a mutant can only be
 *   reported as a survivor too often, never too rarely.
 * @param known all mutants that the tests may cover
 */
export function planTests(
  mutants: Planned[],
  measured: Measured[],
  budgetMs: number,
  known: Planned[] = mutants,
): Map<string, Plan> {
  const byScript = Map.groupBy(
    known.flatMap((mutant) => mutant.scripts.map((script) => ({ ...mutant, script }))),
    ({ script }) => `lua:${script}`,
  );
  const byStatement = Map.groupBy(known, ({ statement = '' }) => statement);
  const fileOf = new Map(known.map(({ id, file }) => [id, file]));
  const idsOf = (covers: string[]) => {
    const covered = new Set(covers);
    /** Where nothing says which statements a script has reached, all of it counts. */
    const ofScript = (all: Planned[]) =>
      all.some(({ statement = '' }) => covered.has(statement))
        ? all.filter(({ statement }) => statement === undefined)
        : all;
    const ids = covers.flatMap((id) => {
      const mutants = byStatement.get(id) ?? ofScript(byScript.get(id) ?? []);
      return fileOf.has(id) ? [id] : mutants.map((mutant) => mutant.id);
    });
    return [...new Set(ids)];
  };
  const allTests = measured.flatMap((each) => each.tests.map((test): MeasuredTest => ({ ...test, file: each.file })));
  const covering = chooseTests(allTests, idsOf, fileOf, budgetMs);
  const coveredBy = new Map<string, number>();
  for (const test of allTests) for (const id of idsOf(test.covers)) coveredBy.set(id, (coveredBy.get(id) ?? 0) + 1);
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

  const wholeOf = ({ id, file, related = () => [] }: Planned): Map<string, string[]> => {
    const covers = coveredBy.get(id) ?? 0;
    if (covers >= enoughTests) return new Map();
    const nameBeside = basename(file).replace(/\.\w+$/, '.test.ts');
    const using = Map.groupBy(new Set(related().flatMap((other) => covering.get(other) ?? [])), (test) => test.file);
    return new Map(
      [...(outside.get(id) ?? [])]
        .filter(([, once]) => once.length > 0 || covers === 0)
        .map(([each, once]) => {
          const isUsing = using.has(each.file) || once.length > 0;
          const about = Number(basename(each.file) === nameBeside) + Number(isUsing);
          const all = using.get(each.file) ?? each.tests.map((test) => ({ ...test, file: each.file }));
          const tests = fitting(all.toSorted(byMs), budgetMs);
          const ms = tests.reduce((sum, test) => sum + test.ms, each.loadMs);
          return { file: each.file, about, ms, names: [...new Set([...once, ...tests.map(({ name }) => name)])] };
        })
        .toSorted((a, b) => b.about - a.about || a.ms - b.ms)
        .slice(0, wholeFiles)
        .map(({ file: name, names }) => [name, names]),
    );
  };
  const planOf = (mutant: Planned): Plan => {
    const chosen = covering.get(mutant.id) ?? [];
    const switched = new Map(
      [...Map.groupBy(chosen, (test) => test.file)].map(([name, tests]) => [name, tests.map((test) => test.name)]),
    );
    return { switch: switched, whole: wholeOf(mutant) };
  };
  return new Map(mutants.map((mutant) => [mutant.id, planOf(mutant)]));
}
