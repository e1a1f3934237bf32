/** Which tests a mutant of the code runs against. */
import { expect, test } from '@jest/globals';
import { type Planned, planTests } from '../../scripts/code-mutants/plan.ts';
import type { Measured } from '../../scripts/code-mutants/protocol.ts';

const nothing = { atStart: [], outside: [], hits: {}, failed: [] };
const measuredTest = (name: string, ms: number, covers: string[], once: string[] = []) => ({ name, ms, covers, once });
const measured: Measured[] = [
  { ...nothing, file: 'a.test.ts', loadMs: 100, tests: [measuredTest('one', 10, ['1', 'lua:find'])] },
  {
    ...nothing,
    file: 'b.test.ts',
    loadMs: 200,
    outside: ['1', '2'],
    tests: [measuredTest('one', 300, ['1'], ['3']), measuredTest('two', 20, ['1'])],
  },
  { ...nothing, file: 'c.test.ts', loadMs: 10, outside: ['1', '2'], tests: [measuredTest('one', 5, [])] },
];
const plan = (mutant: Partial<Planned>, budgetMs = 10_000) =>
  planTests([{ id: '1', file: 'src/x.ts', scripts: [], ...mutant }], measured, budgetMs).get(mutant.id ?? '1');

test('a mutant is switched on for the tests that cover it, the cheapest first', () => {
  expect([...(plan({})?.switch ?? [])]).toEqual([
    ['a.test.ts', ['one']],
    ['b.test.ts', ['two', 'one']],
  ]);
});

test('what does not fit into the time is left out, but not everything', () => {
  expect([...(plan({}, 30)?.switch ?? [])]).toEqual([
    ['a.test.ts', ['one']],
    ['b.test.ts', ['two']],
  ]);
  expect([...(plan({}, 9)?.switch ?? [])]).toEqual([['a.test.ts', ['one']]]);
});

test('a mutant of Lua has the tests that run a script which contains it', () => {
  expect([...(plan({ id: 'l', scripts: ['other', 'find'] })?.switch ?? [])]).toEqual([['a.test.ts', ['one']]]);
});

test('a mutant of Lua has no tests that run its script but do not reach its statement', () => {
  const files = [
    { ...nothing, file: 'd.test.ts', loadMs: 1, tests: [measuredTest('d', 1, ['lua:find', 'find.lua@0'])] },
    {
      ...nothing,
      file: 'e.test.ts',
      loadMs: 1,
      tests: [measuredTest('e', 9, ['lua:find', 'find.lua@0', 'find.lua@7'])],
    },
    // Nothing says what it reaches.
    { ...nothing, file: 'f.test.ts', loadMs: 1, tests: [measuredTest('f', 5, ['lua:find'])] },
  ];
  const mutants = [0, 7].map((at) => ({
    id: `${at}`,
    file: 'find.lua',
    scripts: ['find'],
    statement: `find.lua@${at}`,
  }));
  const plans = planTests(mutants, files, 10_000);
  expect([...(plans.get('0')?.switch.keys() ?? [])].toSorted()).toEqual(['d.test.ts', 'e.test.ts', 'f.test.ts']);
  expect([...(plans.get('7')?.switch.keys() ?? [])].toSorted()).toEqual(['e.test.ts', 'f.test.ts']);
});

test('a file that covers a mutant only outside its tests is loaded with it: the one beside it, or else the cheapest', () => {
  expect([...(plan({ id: '2' })?.whole ?? [])]).toEqual([['c.test.ts', ['one']]]);
  expect([...(plan({ id: '2', file: 'src/b.ts' })?.whole ?? [])]).toEqual([['b.test.ts', ['two', 'one']]]);
});

test('a mutant that tests cover needs no load of its own because an import or a set-up covers it too', () => {
  expect(plan({})?.whole.size).toBe(0);
});

test('first come tests that cover little else than the file of the mutant', () => {
  const other = measuredTest('other', 10, ['1', 'a', 'b', 'c']);
  const own = measuredTest('own', 15, ['1', 'a']);
  const file = { ...nothing, file: 'd.test.ts', loadMs: 1, tests: [other, own] };
  const known = ['a', 'b', 'c'].map((id) => ({ id, file: id === 'a' ? 'src/x.ts' : 'src/y.ts', scripts: [] }));
  const mutant = { id: '1', file: 'src/x.ts', scripts: [] };
  expect(
    planTests([mutant], [file], 20, [mutant, ...known])
      .get('1')
      ?.switch.get('d.test.ts'),
  ).toEqual(['own']);
});

test('of two such tests the one with a word of its file comes first', () => {
  const [cheap, named] = [measuredTest('cheap', 10, ['1']), measuredTest('two quotas', 30, ['1'])];
  const file = { ...nothing, file: 'd.test.ts', loadMs: 1, tests: [cheap, named] };
  const chosen = (source: string) =>
    planTests([{ id: '1', file: source, scripts: [] }], [file], source.endsWith('.lua') ? 10 : 20)
      .get('1')
      ?.switch.get('d.test.ts');
  expect(chosen('src/server/store/scripts/refuseOverQuota.lua')).toEqual(['two quotas']);
  expect(chosen('src/server/store/scripts/refuse.lua')).toEqual(['cheap']);
});

test('a file that is loaded with a mutant runs the tests that cover what uses it', () => {
  const tests = [measuredTest('user', 20, ['user']), measuredTest('cheap', 5, ['z'])];
  const near = { ...nothing, file: 'near.test.ts', loadMs: 300, outside: ['1'], tests };
  const cheap = { ...nothing, file: 'cheap.test.ts', loadMs: 1, outside: ['1'], tests: [measuredTest('z', 1, ['z'])] };
  const mutant = { id: '1', file: 'src/x.ts', scripts: [], related: () => ['user'] };
  const user = { id: 'user', file: 'src/y.ts', scripts: [] };
  expect([...(planTests([mutant], [near, cheap], 1000, [mutant, user]).get('1')?.whole ?? [])]).toEqual([
    ['near.test.ts', ['user']],
  ]);
});

test('of two files whose tests cover what uses a mutant, the one beside it is loaded, although the other is cheaper', () => {
  const tests = [measuredTest('user', 20, ['user'])];
  const files = ['x.test.ts', 'cheap.test.ts'].map((file, i) => ({
    ...{ ...nothing, file, loadMs: 300 - i, outside: ['1'], tests },
  }));
  const mutant = { id: '1', file: 'src/x.ts', scripts: [], related: () => ['user'] };
  const user = { id: 'user', file: 'src/x.ts', scripts: [] };
  expect([...(planTests([mutant], files, 1000, [mutant, user]).get('1')?.whole.keys() ?? [])]).toEqual(['x.test.ts']);
});

test('a file whose tests cover a mutant is loaded with it if one more test covers it at its first run', () => {
  const file = {
    ...nothing,
    file: 'd.test.ts',
    loadMs: 1,
    tests: [measuredTest('one', 1, ['1']), measuredTest('two', 1, [], ['1'])],
  };
  const plans = planTests([{ id: '1', file: 'src/x.ts', scripts: [] }], [file], 10_000);
  expect(plans.get('1')).toEqual({
    switch: new Map([['d.test.ts', ['one']]]),
    whole: new Map([['d.test.ts', ['two', 'one']]]),
  });
});

test('a mutant that ten tests cover each time has no load of its own for one that covers it only once', () => {
  const wholeBeside = (many: number) => {
    const always = Array.from({ length: many }, (_, i) => measuredTest(`always ${i}`, 1, ['1']));
    const file = { ...nothing, file: 'd.test.ts', loadMs: 1, tests: [...always, measuredTest('once', 1, [], ['1'])] };
    return planTests([{ id: '1', file: 'src/x.ts', scripts: [] }], [file], 10_000).get('1')?.whole.size;
  };
  expect([9, 10].map(wholeBeside)).toEqual([1, 0]);
});

test('a test that covers a mutant only at its first run comes first in a load of its own', () => {
  expect(plan({ id: '3' })).toEqual({ switch: new Map(), whole: new Map([['b.test.ts', ['one', 'two']]]) });
});

test('a mutant that nothing covers has no tests', () => {
  expect(plan({ id: '4' })).toEqual({ switch: new Map(), whole: new Map() });
});
