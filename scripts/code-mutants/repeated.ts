/** Finds mutants that are the same change as another one. */

/** A mutant in its source, as offsets. */
interface Placed {
  id: string;
  mutator: string;
  replacement: string;
  from: number;
  to: number;
}

/** What may change something while a condition is evaluated, so that `false` in its place is another change. */
const effects = /[(=]|\+\+|--|await/;
const isPure = (condition: string) => !effects.test(condition.replaceAll(/[=!]==?|[<>]=/g, ''));

/** The range between the braces of a block, without the spaces. */
function inner(source: string, { from, to }: Placed): [number, number] {
  const text = source.slice(from + 1, to - 1);
  return [from + 1 + text.length - text.trimStart().length, to - 1 - (text.length - text.trimEnd().length)];
}

/**
 * The ids of mutants that do what another one of the same file does: an emptied block whose only statement another mutant
 * removes, and an emptied block, or a removed statement, of an `if` without `else` whose condition another mutant makes false.
 */
export function repeatedIn(mutants: Placed[], source: string): Set<string> {
  const at = Map.groupBy(mutants, ({ from, to }) => `${from} ${to}`);
  const removals = (from: number, to: number) =>
    (at.get(`${from} ${to}`) ?? []).filter(
      ({ mutator }) => mutator === 'CallExpression' || mutator === 'BlockStatement',
    );
  const repeated = new Set<string>();
  const byStart = Map.groupBy(
    mutants.filter(({ mutator }) => mutator === 'CallExpression' || mutator === 'BlockStatement'),
    ({ from }) => from,
  );
  for (const mutant of mutants) {
    if (mutant.mutator === 'BlockStatement' && removals(...inner(source, mutant)).length > 0) repeated.add(mutant.id);
    if (mutant.mutator !== 'ConditionalExpression' || mutant.replacement !== 'false') continue;
    const isOfIf = /\bif \($/.test(source.slice(Math.max(0, mutant.from - 8), mutant.from));
    const gap = /^\)\s*/.exec(source.slice(mutant.to, mutant.to + 200))?.[0];
    if (!isOfIf || gap === undefined || !isPure(source.slice(mutant.from, mutant.to))) continue;
    for (const removal of byStart.get(mutant.to + gap.length) ?? []) {
      if (/^\s*else\b/.test(source.slice(removal.to, removal.to + 200))) continue;
      const [from, to] = inner(source, removal);
      for (const { id } of removal.mutator === 'BlockStatement' ? [removal, ...removals(from, to)] : [removal])
        repeated.add(id);
    }
  }
  return repeated;
}
