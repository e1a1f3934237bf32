/**
 * `npm run mutants` proves that the suite can fail. It puts a proxy with one defect between the suite and a healthy
 * server; the suite must catch each defect and name the broken promise. Then the healthy server must pass twenty times in
 * a row without a false alarm.
 */

import { titleOf } from '../contract-tests/engine/check.ts';
import { mapConcurrently } from '../contract-tests/engine/pool.ts';
import { type ConformanceReport, runConformance } from '../contract-tests/index.ts';
import { allMutants } from '../contract-tests/mutants/index.ts';
import type { Mutant, MutantOptions } from '../contract-tests/mutants/mutant.ts';
import { startProxy } from '../contract-tests/mutants/proxy.ts';
import { portico } from '../tests/support/server.ts';
import { startServerTarget } from '../tests/support/server-target.ts';
import { buildIfStale } from './freshness/if-stale.ts';

const healthyRuns = 20;
const only = process.argv[2] === undefined ? undefined : new RegExp(process.argv[2]);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** The titles of the checks that failed. */
const brokenOf = ({ results }: ConformanceReport) =>
  results
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ operation, promise }) => titleOf({ operation, name: promise }));

await buildIfStale();
const target = await startServerTarget();
const cli = <T>(...args: string[]) => portico<T>(target.redisEnv, ...args);
const { rootKey, slug } = await target.arrange('portal');
const disabledSlug = 'closed-portal';
await cli('portal', 'create', '--workspace', target.workspaceId, '--slug', disabledSlug, '--disabled');
const { rootKey: foreignRootKey } = await cli<{ rootKey: string }>('workspace', 'create', '--name', 'Other');
const { openapiUrl } = target;
const world: MutantOptions = { rootKey, slug, disabledSlug, foreignRootKey, openapiUrl };

/** Why a mutant survived, or undefined if a check of the broken promise caught it. */
async function survives({ breaks, createDefect }: Mutant): Promise<string | undefined> {
  const against = async (which?: RegExp) => {
    const proxy = await startProxy(target.baseUrl, createDefect());
    try {
      return brokenOf(await runConformance({ ...world, target: proxy.url, only: which, strictResponses: true }));
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
const control = await survives({ name: 'control', breaks: /./, createDefect: () => ({}) });
if (control !== 'no check failed') {
  failed++;
  say('FALSE ALARM  a proxy without a defect was caught');
}
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
    const broken = brokenOf(
      await runConformance({ ...world, target: target.baseUrl, concurrency: 8, strictResponses: true }),
    );
    falseAlarms += broken.length;
    for (const title of broken) say(`FALSE ALARM  ${title}`);
  }
  say(`${healthyRuns} runs of the healthy server, 8 checks at a time: ${falseAlarms} false alarms`);
}
await target.stop();
say(`${passed} passed, ${failed + falseAlarms} failed`);
process.exitCode = failed + falseAlarms > 0 ? 1 : 0;
