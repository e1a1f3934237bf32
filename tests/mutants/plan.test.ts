/** Which tests a mutant of the code runs against. */
import { expect, test } from '@jest/globals';
import { planRuns } from '../../scripts/code-mutants/plan.ts';

const costs = {
  load: { 'a.test.ts': 100, 'b.test.ts': 200, 'dear.test.ts': 1000 },
  tests: {
    'a.test.ts > one': 10,
    'b.test.ts > one': 10,
    'b.test.ts > two': 300,
    ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`dear.test.ts > ${i}`, 1000])),
  },
};
const dear = Array.from({ length: 10 }, (_, i) => `dear.test.ts > ${i}`);

test('the unit test of the file comes first, and then the cheapest', () => {
  const ids = ['b.test.ts > two', 'b.test.ts > one', 'a.test.ts > one'];
  expect(planRuns(ids, 'src/x.ts', costs, 10_000)).toEqual([
    { file: 'a.test.ts', names: ['one'], testTimeoutMs: 3030 },
    { file: 'b.test.ts', names: ['two', 'one'], testTimeoutMs: 3900 },
  ]);
  expect(planRuns(['b.test.ts > one', 'a.test.ts > one'], 'src/b.ts', costs, 10_000)[0]).toMatchObject({
    file: 'b.test.ts',
    names: ['one', 'two'],
  });
});

test('a file that covers a mutant outside its tests comes last, with all of its tests', () => {
  expect(planRuns(['a.test.ts', 'b.test.ts > one'], 'src/x.ts', costs, 10_000)).toEqual([
    { file: 'b.test.ts', names: ['one'], testTimeoutMs: 3030 },
    { file: 'a.test.ts', names: ['one'], testTimeoutMs: 3030 },
  ]);
});

test('what does not fit into the time is left out, evenly', () => {
  expect(planRuns([...dear, 'a.test.ts > one'], 'src/x.ts', costs, 4110)).toEqual([
    { file: 'a.test.ts', names: ['one'], testTimeoutMs: 3030 },
    { file: 'dear.test.ts', names: ['0', '3', '6'], testTimeoutMs: 6000 },
  ]);
});

test('one test runs even if it does not fit', () => {
  expect(planRuns(dear, 'src/x.ts', costs, 1)).toEqual([{ file: 'dear.test.ts', names: ['0'], testTimeoutMs: 6000 }]);
});

test('a mutant without a test has no runs', () => {
  expect(planRuns([], 'src/x.ts', costs, 10_000)).toEqual([]);
});
