/**
 * `npm run mutants:code` changes the code of the server, one small change at a time, and runs the tests that cover the change.
 * A change that no test notices is a survivor. It ends with a score for each room and exits with 1 if a room misses its target.
 *
 *   npm run mutants:code                       every mutant: about 15,000
 *   npm run mutants:code -- domain/keys .lua   those of the files whose paths contain one of the words
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
import { isInSample, planTests } from './plan.ts';
import { type Outcome, reportOn } from './report.ts';
import { Schedule } from './schedule.ts';
import { testFiles, testsVariable } from './tests.ts';
import { Workers } from './workers.ts';

const root = join(import.meta.dirname, '../..');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** The code that is mutated: everything that decides something in the server. */
const mutated = ['src/server/{domain,http,store,cli,config,outbound}/**/*.{ts,lua}', 'src/server/*.ts'];
const isMutated = (file: string) => !/\.(test|test-d)\.ts$/.test(file);

/** The time for the tests of one mutant, in ms. */
const budgetMs = 3000;

/** The part of the time that the files may be measured. */
const measuredPart = 0.6;

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
    sample: { type: 'string' },
    tests: { type: 'string' },
  },
  allowPositionals: true,
});
const changed = values.changed === undefined ? undefined : changedLines(values.changed);
const files = globSync(mutated, { cwd: root })
  .filter((file) => isMutated(file) && (changed?.has(file) ?? true))
  .filter((file) => positionals.length === 0 || positionals.some((word) => file.includes(word)))
  .toSorted();
const endsAt = Date.now() + Number(values.minutes ?? 24 * 60) * 60_000;

if (values.tests !== undefined) process.env[testsVariable] = values.tests;
await buildIfStale();
const begunAt = Date.now();
const seconds = () => `${Math.round((Date.now() - begunAt) / 1000)} s`;
const sample = Number(values.sample ?? 100);
const isWanted = ({ file, line }: Mutant) =>
  changed?.get(file)?.some(([first, last]) => first <= line && line <= last) ?? true;
const { directory, mutants: all } = await copyWithMutants(files);
const mutants = all.filter((mutant, i) => isWanted(mutant) && isInSample(i, sample));
const workers = new Workers(directory, availableParallelism());
process.on('exit', () => workers.stop());

const measurement = new Measurement(testFiles(directory));
// If not all files are measured in time, the others run the mutants.
const measureUntil = begunAt + measuredPart * (endsAt - begunAt);
if (mutants.length > 0) await workers.run(measurement, measureUntil);
const planned = mutants.map((mutant) => ({ ...mutant, scripts: scriptsOf(mutant) }));
const plans = planTests(planned, measurement.measured, budgetMs);
const schedule = new Schedule(mutants, plans, measurement.measured);
say(`${mutants.length} mutants, ${measurement.measured.length} test files, measured in ${seconds()}`);
for (const { file, failed, tests } of measurement.measured) {
  for (const name of failed) say(`NOT USED  ${file}: ${name} fails without a mutant`);
  for (const { name, covers } of tests)
    if (covers.length === 0) say(`ONCE      ${file}: ${name} fails when it runs again`);
}
const progress = setInterval(() => say(`${schedule.left} mutants left after ${seconds()}`), 60_000);
await workers.run(schedule, endsAt);
clearInterval(progress);
if (values.check !== undefined) {
  const repeated = schedule.repeat(Number(values.check));
  await workers.run(schedule, endsAt);
  for (const id of schedule.differences)
    say(`DIFFERENT ${id}: noticed by ${JSON.stringify(schedule.killers.get(id))}, not alone`);
  say(
    `${repeated} noticed mutants were repeated, each in a load of its own: ${schedule.differences.size} were not noticed`,
  );
}

const isWhole = changed === undefined && positionals.length === 0 && sample === 100 && Date.now() < endsAt;
const atStart = new Set(measurement.measured.flatMap((each) => each.atStart));
const statusOf = ({ id }: Mutant): Outcome['status'] => {
  if (schedule.killers.has(id)) return 'killed';
  const { switch: switched, whole } = plans.get(id) ?? {};
  if (switched?.size || whole?.size) return 'survived';
  return atStart.has(id) ? 'ignored' : 'not covered';
};
const outcomes = mutants
  .filter(({ id }) => schedule.isFinished(id))
  .map((mutant): Outcome => ({ ...mutant, status: statusOf(mutant) }));
for (const note of schedule.notes) say(`NOTE      ${note}`);
const { lines, passed } = reportOn(outcomes, isWhole);
for (const line of lines) say(line);
if (Date.now() >= endsAt) say(`Stopped after ${values.minutes} minutes: not every mutant was run.`);
say(`${outcomes.length} mutants of ${files.length} files in ${seconds()}`);
process.exit(passed ? 0 : 1);
