/**
 * `npm run mutants`: the proof that the suite can fail. Puts a misbehaving stand-in between the suite and a healthy
 * server, one broken promise at a time; the suite must catch each and name the promise. Then the healthy server itself,
 * twenty times in a row, must pass without a false alarm.
 */
import { portico } from '../../scripts/local-server.ts';
import { titleOf } from '../engine/check.ts';
import { eachOf } from '../engine/pool.ts';
import { type ConformanceReport, runConformance } from '../index.ts';
import { startServerTarget } from '../targets/server.ts';
import { answerMutants } from './answers.ts';
import { behaviourMutants, type MutantWorld } from './behaviour.ts';
import { keyMutants } from './keys.ts';
import type { Mutant } from './mutant.ts';
import { startProxy } from './proxy.ts';

const healthyRuns = 20;
const only = process.argv[2] === undefined ? undefined : new RegExp(process.argv[2]);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** The titles of the checks that failed. */
const brokenOf = ({ results }: ConformanceReport) =>
  results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ operation, promise }) => titleOf({ operation, name: promise }));

const target = await startServerTarget();
const cli = <T>(...args: string[]) => portico<T>(target.redisUrl, ...args);
const { rootKey, slug } = await target.arrange('portal');
const disabledSlug = 'closed-portal';
await cli('portal', 'create', '--workspace', target.workspaceId, '--slug', disabledSlug, '--disabled');
const { rootKey: foreignRootKey } = await cli<{ rootKey: string }>('workspace', 'create', '--name', 'Other');
const world: MutantWorld = { rootKey, slug, disabledSlug, foreignRootKey };

/** Why a mutant has survived, or undefined where it was caught. */
async function survives({ breaks, misbehave }: Mutant): Promise<string | undefined> {
  const proxy = await startProxy(target.baseUrl, misbehave());
  try {
    const broken = brokenOf(await runConformance({ ...world, target: proxy.url }));
    if (broken.length === 0) return 'no check failed';
    if (!broken.some((title) => breaks.test(title)))
      return `no check matching ${breaks} failed, only ${broken.join('; ')}`;
    return undefined;
  } catch (error) {
    return `the suite broke: ${(error as Error).message}`;
  } finally {
    await proxy.stop();
  }
}

const mutants = [...answerMutants, ...behaviourMutants(world), ...keyMutants].filter(
  ({ name }) => only?.test(name) ?? true,
);
let passed = 0;
let failed = 0;

// The control: behind a stand-in that does nothing wrong nothing may fail, or being caught would mean nothing.
const control = await survives({ name: 'control', breaks: /./, misbehave: () => ({}) });
if (control !== 'no check failed') {
  failed++;
  say('FALSE ALARM  a stand-in that changes nothing was caught');
}
await eachOf(mutants, 3, async (mutant) => {
  const why = await survives(mutant);
  if (why === undefined) passed++;
  else failed++;
  say(`${why === undefined ? 'caught  ' : 'SURVIVED'}  ${mutant.name}${why === undefined ? '' : `\n          ${why}`}`);
});
say(`${passed} of ${mutants.length} mutants caught`);

let falseAlarms = 0;
if (only === undefined) {
  for (let i = 0; i < healthyRuns; i++) {
    const broken = brokenOf(await runConformance({ ...world, target: target.baseUrl, concurrency: 8 }));
    falseAlarms += broken.length;
    for (const title of broken) say(`FALSE ALARM  ${title}`);
  }
  say(`${healthyRuns} runs of the healthy server, 8 checks at a time: ${falseAlarms} false alarms`);
}
await target.stop();
say(`${passed} passed, ${failed + falseAlarms} failed`);
process.exitCode = failed + falseAlarms > 0 ? 1 : 0;
