/** The order in which mutants of the code run, and what is believed of a worker. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Mutant } from '../../scripts/code-mutants/copy.ts';
import type { Load, Measured } from '../../scripts/code-mutants/protocol.ts';
import { Schedule } from '../../scripts/code-mutants/schedule.ts';

const mutants = ['1', '2', '3'].map((id): Mutant => {
  return { id, file: 'x.ts', line: 1, endLine: 1, mutator: 'm', original: 'a', replacement: 'b' };
});
const measuredFile = (file: string, ms: number): Measured => ({
  ...{ file, loadMs: 1, atStart: [], outside: [], hits: { 1: 7 }, failed: [] },
  tests: [
    { name: 'a', ms, covers: [], once: [] },
    { name: 'b', ms, covers: [], once: [] },
  ],
});
const measured = [measuredFile('slow.test.ts', 50), measuredFile('fast.test.ts', 5)];
const both = new Map([
  ['fast.test.ts', ['a', 'b']],
  ['slow.test.ts', ['a']],
]);
const plans = new Map([
  ['1', { switch: both, whole: new Map<string, string[]>() }],
  ['2', { switch: both, whole: new Map<string, string[]>() }],
  ['3', { switch: new Map<string, string[]>(), whole: new Map([['slow.test.ts', ['a']]]) }],
]);
let schedule: Schedule;
beforeEach(() => {
  schedule = new Schedule(mutants, plans, measured);
});

const next = () => {
  const load = schedule.next();
  if (load === undefined) throw new Error('there is no load');
  return load;
};
const idsOf = ({ trials }: Load) => trials.map(({ mutant }) => mutant);
const shown = (load: Load) => [load.kind, load.file, ...idsOf(load)];
/** A load whose mutants are all noticed or not. */
function finish(load: Load, outcome: 'killed' | 'survived'): void {
  for (const mutant of idsOf(load)) schedule.hear(load, { mutant, outcome, test: 'a' });
  schedule.settle(load, { end: 'done' });
}

test('a mutant runs first in its most promising file', () => {
  const slow = { switch: new Map([...both].toReversed()), whole: new Map<string, string[]>() };
  schedule = new Schedule(mutants, new Map([...plans, ['2', slow]]), measured);
  const first = next();
  expect(shown(first)).toEqual(['switch', 'fast.test.ts', '1']);
  const second = next();
  expect(shown(second)).toEqual(['switch', 'slow.test.ts', '2']);
  finish(first, 'survived');
  finish(second, 'survived');
  expect(shown(next())).toEqual(['switch', 'fast.test.ts', '2']);
});

test('all mutants of a file are in one load, from the fastest file on, and those that need own loads are last', () => {
  const first = next();
  expect(first.trials[0]).toEqual({ mutant: '1', tests: ['a', 'b'], hitLimit: 1700 });
  expect([shown(first), first.usualMs]).toEqual([['switch', 'fast.test.ts', '1', '2'], { a: 5, b: 5 }]);
  finish(first, 'survived');
  const second = next();
  expect(shown(second)).toEqual(['switch', 'slow.test.ts', '1', '2']);
  finish(second, 'survived');
  const third = next();
  expect(shown(third)).toEqual(['whole', 'slow.test.ts', '3']);
  finish(third, 'survived');
  expect([schedule.next(), schedule.left, schedule.killers.size]).toEqual([undefined, 0, 0]);
});

test('a mutant is in one load at a time, and a noticed one in no other', () => {
  const first = next();
  const beside = next();
  expect([shown(beside), schedule.next(), schedule.left]).toEqual([['whole', 'slow.test.ts', '3'], undefined, 3]);
  schedule.hear(first, { mutant: '1', outcome: 'killed', test: 'b' });
  schedule.hear(first, { mutant: '2', outcome: 'survived' });
  schedule.settle(first, { end: 'done' });
  expect(shown(next())).toEqual(['switch', 'slow.test.ts', '2']);
  expect([schedule.isFinished('1'), schedule.isFinished('2')]).toEqual([true, false]);
  expect(schedule.killers.get('1')).toEqual({ file: 'fast.test.ts', test: 'b' });
});

test('an unsure mutant runs alone, first in the test that failed, and the rest of its load waits longer', () => {
  const load = next();
  schedule.hear(load, { mutant: '1', outcome: 'unsure', test: 'b' });
  schedule.settle(load, { end: 'done' });
  const alone = next();
  expect([shown(alone), alone.trials[0]?.tests]).toEqual([
    ['alone', 'fast.test.ts', '1'],
    ['b', 'a'],
  ]);
  expect(schedule.killers.size).toBe(0);
  expect(shown(next())).toEqual(['switch', 'slow.test.ts', '2']);
  schedule.settle(alone, { end: 'broken' });
  expect(shown(next())).toEqual(['alone', 'fast.test.ts', '1']);
});

test('a mutant that blocks its worker is noticed, and those after it run again', () => {
  const load = next();
  schedule.settle(load, { end: 'lost', active: '1' });
  expect([...schedule.killers.keys()]).toEqual(['1']);
  finish(next(), 'survived');
  expect(shown(next())).toEqual(['switch', 'fast.test.ts', '2']);
});

test('a file whose tests fail without a mutant is given up', () => {
  const broken = () => {
    const load = next();
    expect(shown(load)).toEqual(['switch', 'fast.test.ts', '1', '2']);
    schedule.settle(load, { end: 'broken' });
  };
  broken();
  finish(next(), 'survived');
  for (let i = 0; i < 3; i++) broken();
  finish(next(), 'survived');
  expect(schedule.notes).toEqual(['fast.test.ts: its tests fail without a mutant']);
  expect(schedule.next()).toBeUndefined();
});

test('a mutant that is loaded with a file and breaks the next load too is noticed', () => {
  finish(next(), 'killed');
  const load = next();
  schedule.settle(load, { end: 'broken' });
  expect(schedule.killers.get('3')).toEqual({ file: 'slow.test.ts', test: undefined });
});

test('a sample of the noticed mutants is repeated, and a difference is noted', () => {
  finish(next(), 'killed');
  finish(next(), 'survived');
  expect(schedule.repeat(100)).toBe(2);
  const [one, two] = [next(), next()];
  expect([shown(one), shown(two)]).toEqual([
    ['alone', 'fast.test.ts', '1'],
    ['alone', 'fast.test.ts', '2'],
  ]);
  finish(one, 'killed');
  finish(two, 'survived');
  expect([...schedule.differences]).toEqual(['2']);
});
