/**
 * `npm run mutants:code` changes the code of the server, one small change at a time, and runs the tests that cover the change.
 * A change that no test notices is a survivor. It ends with a score for each room and exits with 1 if a room misses its target.
 * Every half minute it writes the report on what it has done to .portico/code-mutants-record/report.txt.
 *
 *   npm run mutants:code                       every mutant
 *   npm run mutants:code -- domain/keys .lua   those of the files whose paths contain one of the words
 *   npm run mutants:code -- --resume           goes on where a run of the same code and tests was cut, and reports on both
 *   npm run mutants:code -- --changed          those of the lines that the last commit changed; --changed=REF compares with REF
 *   npm run mutants:code -- --minutes=5        stops after this time and reports what it did until then
 *   npm run mutants:code -- --check=5          repeats this many percent of the noticed mutants, each in a load of its own
 *   npm run mutants:code -- --sample=10        an estimate from this many percent of the mutants
 *   npm run mutants:code -- cli --tests=tests/cli,src/server/cli   uses only the test files whose paths contain one of these
 */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../freshness/if-stale.ts';
import { copyWithMutants, type Mutant, scriptsOf } from './copy.ts';
import { Measurement } from './measurement.ts';
import { isInSample, type Plan, planTests } from './plan.ts';
import {
  type Result,
  readMeasured,
  readResults,
  reportPath,
  writeMeasured,
  writeReport,
  writeResults,
} from './record.ts';
import { Related } from './related.ts';
import { reportOn } from './report.ts';
import { Schedule } from './schedule.ts';
import { nearestFirst, testFiles, testsVariable } from './tests.ts';
import { Workers } from './workers.ts';

const root = join(import.meta.dirname, '../..');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** The code that is mutated: everything that decides something in the server. */
const mutated = ['src/server/{domain,http,store,cli,config,outbound}/**/*.{ts,lua}', 'src/server/*.ts'];
const isMutated = (file: string) => !/\.(test|test-d)\.ts$/.test(file);

/** The time for the tests of one mutant, in ms. */
const budgetMs = 1600;

/** A run of few mutants measures so many test files at once, and no more after all are noticed. */
const filesOfWave = 8;

/** How often the report is written, and the progress is printed, in ms. */
const writesEveryMs = 30_000;

/** The changed lines of each file, as pairs of the first and the last. */
function changedLines(since: string): Map<string, [number, number][]> {
  const diff = execFileSync('git', ['diff', '--unified=0', '--no-prefix', since, '--', 'src/server'], {
    cwd: root,
    encoding: 'utf8',
  });
  const changed = new Map<string, [number, number][]>();
  let file = '';
  for (const line of diff.split('\n')) {
    if (line.startsWith('+++ ')) file = line.slice(4);
    const [, from, count = '1'] = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (from === undefined || count === '0') continue;
    changed.set(file, [...(changed.get(file) ?? []), [Number(from), Number(from) + Number(count) - 1]]);
  }
  return changed;
}

const { values, positionals } = parseArgs({
  // `--changed` has an optional value, which parseArgs does not know.
  args: process.argv.slice(2).map((arg) => (arg === '--changed' ? '--changed=HEAD~1' : arg)),
  options: {
    changed: { type: 'string' },
    check: { type: 'string' },
    minutes: { type: 'string' },
    resume: { type: 'boolean', default: false },
    sample: { type: 'string' },
    tests: { type: 'string' },
  },
  allowPositionals: true,
});
const begunAt = Date.now();
const endsAt = begunAt + Number(values.minutes ?? 24 * 60) * 60_000;
const seconds = () => `${Math.round((Date.now() - begunAt) / 1000)} s`;
const changed = values.changed === undefined ? undefined : changedLines(values.changed);
// All others are mutated in every run, so that a mutant has the same id in all of them.
const files = globSync(mutated, { cwd: root })
  .filter((file) => isMutated(file) && (changed?.has(file) ?? true))
  .toSorted();
if (files.length === 0) {
  say('No code of the server has changed.');
  process.exit(0);
}
const sample = Number(values.sample ?? 100);
const isWanted = ({ file, line }: Mutant, i: number) =>
  (changed?.get(file)?.some(([first, last]) => first <= line && line <= last) ?? true) &&
  (positionals.length === 0 || positionals.some((word) => file.includes(word))) &&
  isInSample(i, sample);

if (values.tests !== undefined) process.env[testsVariable] = values.tests;
await buildIfStale();
const { directory, mutants: all, sources, hash } = await copyWithMutants(files);
const wanted = all.filter(isWanted);
const isWhole = wanted.length === all.length && changed === undefined && values.tests === undefined;
const results: Record<string, Result> = values.resume ? readResults(hash) : {};
for (const { id, isFatal } of wanted) if (isFatal) results[id] = { status: 'killed' };

const related = new Related(all, sources);
const planned = new Map(
  all.map((mutant) => [mutant.id, { ...mutant, scripts: scriptsOf(mutant), related: () => related.of(mutant) }]),
);
// A worker waits for Redis and for timers more than half of the time: four of them used 60 % of two cores.
const workers = new Workers(directory, 3 * availableParallelism());
process.on('exit', () => workers.stop());

/** The lines of a report on what was done until now, and whether it is good. */
function report(left: number): { lines: string[]; passed: boolean } {
  const outcomes = wanted.flatMap((mutant) => {
    const { status } = results[mutant.id] ?? {};
    return status === undefined ? [] : [{ ...mutant, status }];
  });
  const { lines, passed } = reportOn(outcomes, isWhole && left === 0);
  for (const [kind, { loads, cpuMs }] of workers.spent)
    lines.push(`${kind}: ${loads} loads, ${Math.round(cpuMs / 1000)} s of CPU`);
  if (left > 0)
    lines.push(
      `${left} mutants are left. Until they have run, the scores are too high: a mutant survives only at its end.`,
    );
  lines.push(`${outcomes.length} of ${wanted.length} mutants of ${files.length} files in ${seconds()}`);
  return { lines, passed };
}

/** Runs the mutants that no test has noticed yet against some test files. Returns how many it could not run. */
async function run(names: string[]): Promise<number> {
  const measurement = new Measurement(names, values.resume ? readMeasured(hash) : []);
  const { measured } = measurement;
  const isRecorded = changed === undefined && values.tests === undefined;
  const measuring = setInterval(() => {
    if (isRecorded) writeMeasured(hash, measured);
    say(`${measurement.left} test files left to measure after ${seconds()}`);
  }, writesEveryMs);
  await workers.run(measurement, endsAt);
  clearInterval(measuring);
  if (isRecorded) writeMeasured(hash, measured);
  for (const { file, failed, tests } of measured) {
    for (const name of failed) say(`NOT USED  ${file}: ${name} fails without a mutant`);
    for (const { name, covers } of tests)
      if (covers.length === 0) say(`ONCE      ${file}: ${name} fails when it runs again`);
  }
  if (measurement.left > 0) return wanted.length;
  // A run of few mutants shows those that are left to more files.
  const mutants = wanted.filter(({ id }) =>
    changed === undefined ? results[id] === undefined : results[id]?.status !== 'killed',
  );
  const plannedOf = (each: Mutant[]) => each.flatMap(({ id }) => planned.get(id) ?? []);
  const plans = planTests(plannedOf(mutants), measured, budgetMs, [...planned.values()]);
  const schedule = new Schedule(mutants, plans, measured);
  const atStart = new Set(measured.flatMap((each) => each.atStart));
  say(`${mutants.length} mutants, ${measured.length} test files, measured in ${seconds()}`);
  const note = () => {
    for (const { id } of mutants) {
      if (!schedule.isFinished(id)) continue;
      const killer = schedule.killers.get(id);
      results[id] = { status: statusOf(plans.get(id), killer !== undefined, atStart.has(id), results[id]), killer };
    }
    if (isRecorded) writeResults(hash, results);
    writeReport(report(schedule.left).lines);
  };
  const progress = setInterval(() => {
    note();
    say(`${schedule.left} mutants left after ${seconds()}`);
  }, writesEveryMs);
  await workers.run(schedule, endsAt);
  clearInterval(progress);
  note();
  if (values.check !== undefined) await repeat(schedule, Number(values.check));
  for (const line of schedule.notes) say(`NOTE      ${line}`);
  return schedule.left;
}

function statusOf(plan: Plan | undefined, isKilled: boolean, isAtStart: boolean, before?: Result): Result['status'] {
  if (isKilled) return 'killed';
  if (plan?.switch.size || plan?.whole.size || before?.status === 'survived') return 'survived';
  return isAtStart ? 'ignored' : 'not covered';
}

/** Parts of a list with this many items each. */
const wavesOf = (names: string[], size: number): string[][] =>
  Array.from({ length: Math.ceil(names.length / size) }, (_, i) => names.slice(i * size, (i + 1) * size));

/** Repeats a part of the mutants that were noticed. */
async function repeat(schedule: Schedule, percent: number): Promise<void> {
  const repeated = schedule.repeat(percent);
  await workers.run(schedule, endsAt);
  for (const id of schedule.differences)
    say(`DIFFERENT ${id}: noticed by ${JSON.stringify(schedule.killers.get(id))}, not alone`);
  say(
    `${repeated} noticed mutants were repeated, each in a load of its own: ${schedule.differences.size} were not noticed`,
  );
}

const names = testFiles(directory);
const waves = changed === undefined ? [names] : wavesOf(nearestFirst(names, [...changed.keys()]), filesOfWave);
let left = 0;
let used = 0;
for (const wave of waves) {
  if (wanted.every(({ id }) => results[id]?.status === 'killed')) break;
  if (Date.now() < endsAt) left = await run(wave);
  used += Date.now() < endsAt ? wave.length : 0;
}
const { lines, passed } = report(left);
if (changed !== undefined && Date.now() >= endsAt)
  lines.push(`The time was up after ${used} of ${names.length} test files. The others may notice what survived.`);
writeReport(lines);
for (const line of lines) say(line);
if (wanted.length > 0) say(`The report is in ${reportPath}`);
process.exit(passed ? 0 : 1);
