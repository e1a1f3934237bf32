/**
 * `npm run mutants` proves that the suite can fail. It puts a proxy with one defect between the suite and a healthy
 * server; the suite must catch each defect and name the broken promise. Then the healthy server must pass twenty times in
 * a row without a false alarm.
 *
 * A response that does not come in time proves nothing: the machine may be busy. So a time-out catches no mutant, and on a healthy server it
 * is an alarm only if it comes again when the check runs alone.
 */

import { titleOf } from '../contract-tests/engine/check.ts';
import { mapConcurrently } from '../contract-tests/engine/pool.ts';
import { type CheckResult, type ConformanceReport, runConformance } from '../contract-tests/index.ts';
import { allMutants } from '../contract-tests/mutants/index.ts';
import type { Mutant, MutantOptions } from '../contract-tests/mutants/mutant.ts';
import { startProxy } from '../contract-tests/mutants/proxy.ts';
import { portico } from '../tests/support/server.ts';
import { startServerTarget } from '../tests/support/server-target.ts';
import { buildIfStale } from './freshness/if-stale.ts';

const healthyRuns = 20;
const only = process.argv[2] === undefined ? undefined : new RegExp(process.argv[2]);
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
const target = await startServerTarget();
const cli = <T>(...args: string[]) => portico<T>(target.redisEnv, ...args);
const { rootKey, slug } = await target.arrange('portal');
const disabledSlug = 'closed-portal';
await cli('portal', 'create', '--workspace', target.workspaceId, '--slug', disabledSlug, '--disabled');
const { rootKey: foreignRootKey } = await cli<{ rootKey: string }>('workspace', 'create', '--name', 'Other');
const { rootKey: otherApiRootKey } = await target.arrange('otherApiRootKey');
const { openapiUrl } = target;
const world: MutantOptions = { rootKey, slug, disabledSlug, foreignRootKey, openapiUrl };
const settings = { ...world, otherApiRootKey, strictResponses: true };

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

/** Why a mutant survived, or undefined if a check of the broken promise caught it. */
async function survives({ breaks, createDefect }: Mutant): Promise<string | undefined> {
  const against = async (which?: RegExp) => {
    const proxy = await startProxy(target.baseUrl, createDefect());
    try {
      return brokenOf(await runConformance({ ...settings, target: proxy.url, only: which }));
    } finally {
      await proxy.stop();
    }
  };
  try {
    if ((await against(breaks)).length > 0) return undefined;
    const others = await against();
    return others.length === 0 ? 'no check failed' : `no check matching ${breaks} failed, only ${others.join('; ')}`;
  } catch (error) {
    return `${(error as Error).message}: ${((error as Error).cause as Error | undefined)?.stack}`;
  }
}

const mutants = allMutants(world).filter(({ name }) => only?.test(name) ?? true);
let passed = 0;
let failed = 0;

// The control: a proxy without a defect must pass, else a caught mutant proves nothing.
const control = await startProxy(target.baseUrl, {});
failed += await falseAlarmsOf(control.url, 4);
await control.stop();
await mapConcurrently(mutants, 3, async (mutant) => {
  const why = await survives(mutant);
  if (why === undefined) passed++;
  else failed++;
  say(`${why === undefined ? 'caught  ' : 'SURVIVED'}  ${mutant.name}${why === undefined ? '' : `\n          ${why}`}`);
});
say(`${passed} of ${mutants.length} mutants caught`);

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
