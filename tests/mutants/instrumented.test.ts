/** What becomes of the code that Stryker has instrumented, and which of its mutants are left out. */
import { expect, test } from '@jest/globals';
import { switchInside } from '../../scripts/code-mutants/arrows.ts';
import { Related } from '../../scripts/code-mutants/related.ts';
import { repeatedIn } from '../../scripts/code-mutants/repeated.ts';

/** Evaluates instrumented code while a mutant can be switched on. */
function evaluate<Value>(text: string): { value: Value; activate: (id: string) => void } {
  let active = '';
  const stryMutAct = (id: string) => id === active;
  const value = new Function('stryMutAct', 'stryCov', `return ${text}`)(stryMutAct, () => {}) as Value;
  return {
    value,
    activate: (id) => {
      active = id;
    },
  };
}

test('an arrow function that exists already follows the switch of its mutant', () => {
  const text = 'stryMutAct("1") ? () => undefined : (stryCov("1"), (a, b) => ({ sum: a + b }))';
  const { value, activate } = evaluate<(a: number, b: number) => unknown>(switchInside(text));
  expect(value(1, 2)).toEqual({ sum: 3 });
  activate('1');
  expect(value(1, 2)).toBeUndefined();
});

test('so does one in another, and one that has a function around it for its name', () => {
  const inner = 'stryMutAct("2") ? () => undefined : (stryCov("2"), b => a + b)';
  const text = `stryMutAct("1") ? () => undefined : (stryCov("1"), (() => { const f = a => ${inner}; return f; })())`;
  const { value, activate } = evaluate<(a: number) => (b: number) => number>(switchInside(text));
  const made = value(1);
  expect(made(2)).toBe(3);
  activate('2');
  expect(made(2)).toBeUndefined();
  activate('1');
  expect(value(1)).toBeUndefined();
});

test('other mutants stay as they are', () => {
  const text = 'const a = stryMutAct("1") ? [] : (stryCov("1"), [1]);';
  expect(switchInside(text)).toBe(text);
});

/** The mutants of a source, each given as its mutator, its original and its replacement. */
function repeatedOf(source: string, ...mutants: [mutator: string, original: string, replacement: string][]): string[] {
  const placed = mutants.map(([mutator, original, replacement]) => {
    const from = source.indexOf(original);
    return { id: `${mutator} ${replacement}`, mutator, replacement, from, to: from + original.length };
  });
  return [...repeatedIn(placed, source)];
}

test('a block and its only statement are removed once, and not again by their condition', () => {
  const source = 'if (a > 1) { stop(); }\ngo();';
  expect(
    repeatedOf(
      source,
      ['ConditionalExpression', 'a > 1', 'true'],
      ['ConditionalExpression', 'a > 1', 'false'],
      ['BlockStatement', '{ stop(); }', '{}'],
      ['CallExpression', 'stop();', ';'],
      ['CallExpression', 'go();', ''],
    ),
  ).toEqual(['BlockStatement {}', 'CallExpression ;']);
  expect(
    repeatedOf('f(() => { stop(); })', ['BlockStatement', '{ stop(); }', '{}'], ['CallExpression', 'stop();', ';']),
  ).toEqual(['BlockStatement {}']);
});

test('a condition that calls something, and one with an else, are other changes than the empty block', () => {
  const block: [string, string, string] = ['BlockStatement', '{ stop(); go(); }', '{}'];
  const no = (condition: string): [string, string, string] => ['ConditionalExpression', condition, 'false'];
  expect(repeatedOf('if (a) { stop(); go(); }', no('a'), block)).toEqual(['BlockStatement {}']);
  expect(repeatedOf('if (a()) { stop(); go(); }', no('a()'), block)).toEqual([]);
  expect(repeatedOf('if (a) { stop(); go(); } else b();', no('a'), block)).toEqual([]);
  expect(repeatedOf('while (a) { stop(); go(); }', no('a'), block)).toEqual([]);
});

test('what uses a constant is related to its mutants, also through another constant and another file', () => {
  const sources = new Map([
    [
      'a.ts',
      'const minute = 60;\nexport const hour = 60 * minute;\nexport const other = 1;\nconst all = {\n  one: 1,\n};',
    ],
    ['b.ts', "import { hour } from './a.ts';\nconst f = () =>\n  hour + 1;\nall.one;"],
    ['c.ts', 'const hour = 1;\nconst g = hour;'],
  ]);
  const at = (file: string, line: number, endLine = line) => ({ id: `${file}:${line}`, file, line, endLine });
  const mutants = [at('a.ts', 1), at('a.ts', 2), at('a.ts', 5), at('b.ts', 3), at('b.ts', 4), at('c.ts', 2)];
  const related = new Related(mutants, sources);
  expect(related.of(at('a.ts', 1)).sort()).toEqual(['a.ts:2', 'b.ts:3']);
  expect(related.of(at('a.ts', 3))).toEqual([]);
  expect(related.of(at('a.ts', 5))).toEqual(['b.ts:4']);
  expect(related.of(at('a.ts', 1, 2))).toContain('a.ts:2');
});
