/**
 * `npm run mutants` proves that the suite can fail. It puts a proxy with one defect between the suite and a healthy
 * server; the suite must catch each defect and name the broken promise. Then the healthy server must pass twenty times in
 * a row without a false alarm.
 *
 * Most mutants follow from the spec, one for each promise of each operation (contract-tests/mutants/promises.ts has the kinds). They run on a
 * target that can create every state. The others are written by hand: they break what an operation does. Options: `--only PATTERN` for
 * the names of mutants, `--matrix` to print how many mutants each operation has of each kind, and end. `--sample N --seed S` runs N of the
 * mutants that follow from the spec, some of each kind.
 *
 * A response that does not come in time proves nothing: the machine may be busy. So a time-out catches no mutant, and on a healthy server it
 * is an alarm only if it comes again when the check runs alone.
 */
import { parseArgs } from 'node:util';
import { titleOf } from '../../contract-tests/engine/check.ts';
import { mapConcurrently } from '../../contract-tests/engine/pool.ts';
import { readSpec } from '../../contract-tests/engine/spec.ts';
import { type CheckResult, type ConformanceReport, runConformance } from '../../contract-tests/index.ts';
import { derivedMutants } from '../../contract-tests/mutants/derived.ts';
import { writtenMutants } from '../../contract-tests/mutants/index.ts';
import { countMutants, mutantMatrixMarkdown } from '../../contract-tests/mutants/matrix.ts';
import type { Mutant } from '../../contract-tests/mutants/mutant.ts';
import { breakablePromises } from '../../contract-tests/mutants/promises.ts';
import { startProxy } from '../../contract-tests/mutants/proxy.ts';
import { buildIfStale } from '../freshness/if-stale.ts';
import { judgeOn } from './derived.ts';
import { sampleOf } from './sample.ts';
import { startWorld } from './world.ts';

const healthyRuns = 20;
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    matrix: { type: 'boolean', default: false },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const only = values.only === undefined ? undefined : new RegExp(values.only);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Matches this title alone. */
const exactly = (title: string) => new RegExp(`^${title.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);

const titleOfResult = ({ operation, promise }: CheckResult) => titleOf({ operation, name: promise });
const failedOf = ({ results }: ConformanceReport) => results.filter(({ outcome }) => outcome === 'failed');

/** The titles of the checks that a response has broken. */
const brokenOf = (report: ConformanceReport) =>
  failedOf(report)
    .filter(({ timedOut }) => timedOut !== true)
    .map(titleOfResult);

await buildIfStale();
const spec = await readSpec();
const { target, options } = await startWorld();
const settings = { ...options, strictResponses: true };
const isChosen = ({ name }: { name: string }) => only?.test(name) ?? true;
const written = writtenMutants(options);
const derived = derivedMutants(spec);

if (values.matrix) {
  say(mutantMatrixMarkdown(countMutants(spec, breakablePromises(spec), derived, written)));
  await target.stop();
  process.exit(0);
}

/** Runs the suite against a healthy server, and prints each false alarm. Returns how many there were. */
async function falseAlarmsOf(url: string, concurrency: number): Promise<number> {
  const against = (more: object) => runConformance({ ...settings, target: url, ...more });
  const failed = failedOf(await against({ concurrency }));
  const alarms = failed.filter(({ timedOut }) => timedOut !== true);
  for (const late of failed.filter(({ timedOut }) => timedOut === true)) {
    const title = titleOfResult(late);
    const alone = failedOf(await against({ concurrency: 1, only: exactly(title) }));
    if (alone.length === 0) say(`no response came in time, and alone it did  ${title}`);
    alarms.push(...alone);
  }
  for (const alarm of alarms) say(`FALSE ALARM  ${titleOfResult(alarm)}\n          ${alarm.failures.join('; ')}`);
  return alarms.length;
}

/** Why a written mutant survived, or undefined if a check of the broken promise caught it. */
async function judgeWritten({ breaks, createDefect }: Mutant): Promise<string | undefined> {
  const against = async (which?: RegExp) => {
    const proxy = await startProxy(target.baseUrl, createDefect());
    try {
      return brokenOf(await runConformance({ ...settings, target: proxy.url, only: which }));
    } finally {
      await proxy.stop();
    }
  };
  if ((await against(breaks)).length > 0) return undefined;
  const others = await against();
  return others.length === 0 ? 'no check failed' : `no check matching ${breaks} failed, only ${others.join('; ')}`;
}

let passed = 0;
let failed = 0;

/** Judges each mutant, and prints those that survived. */
async function runAll<T extends { name: string }>(mutants: T[], judge: (mutant: T) => Promise<string | undefined>) {
  await mapConcurrently(mutants, 3, async (mutant) => {
    const why = await judge(mutant).catch(
      (error: Error) => `${error.message}: ${(error.cause as Error | undefined)?.stack}`,
    );
    if (why === undefined) passed++;
    else failed++;
    if (why !== undefined) say(`SURVIVED  ${mutant.name}\n          ${why}`);
  });
}

// The control: a proxy without a defect must pass, else a caught mutant proves nothing.
const begun = Date.now();
const control = await startProxy(target.baseUrl, {});
failed += await falseAlarmsOf(control.url, 4);
await control.stop();
const chosen = derived.filter(isChosen);
const sampled = values.sample === undefined ? chosen : sampleOf(chosen, Number(values.sample), Number(values.seed));
await runAll(sampled, judgeOn(spec, target));
say(`${sampled.length} mutants from the spec: ${passed} caught, ${Math.round((Date.now() - begun) / 1000)} s`);
const fromSpec = passed;
const byHand = written.filter(isChosen);
await runAll(byHand, judgeWritten);
say(`${byHand.length} mutants written by hand: ${passed - fromSpec} caught`);

let falseAlarms = 0;
if (only === undefined) {
  for (let i = 0; i < healthyRuns; i++) {
    falseAlarms += await falseAlarmsOf(target.baseUrl, 8);
  }
  say(`${healthyRuns} runs of the healthy server, 8 checks at a time: ${falseAlarms} false alarms`);
}
await target.stop();
say(`${passed} passed, ${failed + falseAlarms} failed`);
process.exitCode = failed + falseAlarms > 0 ? 1 : 0;
