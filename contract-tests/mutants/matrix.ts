/** How many mutants each operation has of each kind of promise. */
import { allChecks } from '../checks.ts';
import { titleOf } from '../engine/check.ts';
import { type Spec, specOperations } from '../engine/spec.ts';
import type { DerivedMutant } from './derived.ts';
import type { Mutant } from './mutant.ts';
import { type BreakablePromise, type PromiseKind, promiseKinds } from './promises.ts';

/** The mutants of one operation, by kind; a kind that the operation does not promise is absent. */
type MutantCounts = Map<string, Map<PromiseKind, number>>;

/** The operations whose behaviour a written mutant breaks: those of the checks that must fail. */
export function operationsOf(spec: Spec): (mutant: Mutant) => Set<string> {
  const titles = allChecks(spec)
    .filter(({ profile }) => profile !== 'seeds')
    .map((check) => ({ operation: check.operation, title: titleOf(check) }));
  return ({ breaks }) => new Set(titles.filter(({ title }) => breaks.test(title)).map(({ operation }) => operation));
}

/**
 * Counts the mutants of every operation and kind that the spec promises, also where there is none.
 *
 * @param promises what the spec promises: `breakablePromises`
 */
export function countMutants(
  spec: Spec,
  promises: BreakablePromise[],
  derived: DerivedMutant[],
  written: Mutant[],
): MutantCounts {
  const of = operationsOf(spec);
  // One of the checks that a mutant breaks must fail. If they are of several operations, it proves nothing about a certain one.
  const behaviour = written.flatMap((mutant) => {
    const [operation, ...others] = of(mutant);
    return operation === undefined || others.length > 0 ? [] : [operation];
  });
  return new Map(
    specOperations(spec).map(({ operationId }) => {
      const own = promises.filter(({ operation }) => operation === operationId);
      const counts = new Map<PromiseKind, number>(own.map(({ kind }) => [kind, 0]));
      for (const { promise } of derived)
        if (promise.operation === operationId) counts.set(promise.kind, (counts.get(promise.kind) ?? 0) + 1);
      counts.set('behaviour', behaviour.filter((operation) => operation === operationId).length);
      return [operationId, counts];
    }),
  );
}

/** The matrix as a Markdown table: a row for each operation, a column for each kind. `–` is a kind that it does not promise. */
export function mutantMatrixMarkdown(counts: MutantCounts): string {
  const kinds = Object.keys(promiseKinds) as PromiseKind[];
  const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rows = [...counts].map(([operation, own]) => row([operation, ...kinds.map((kind) => own.get(kind) ?? '–')]));
  const sums = kinds.map((kind) => [...counts.values()].reduce((sum, own) => sum + (own.get(kind) ?? 0), 0));
  return [row(['operation', ...kinds]), row(['---', ...kinds.map(() => '--:')]), ...rows, row(['all', ...sums])].join(
    '\n',
  );
}
