/**
 * Runs test files for the mutants that it gets, in a copy of the project that is the current directory. Servers run in this process
 * too, so that one switch activates a mutant in a test and in the server that it calls.
 */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, runCLI } from 'jest';
import { startServersHere } from '../../tests/support/server.ts';
import { activate, fileId, nothingFound, state } from './state.ts';
import '../../tests/support/patient-redis.ts';
import { sharedUrlVariable } from '../../tests/support/shared/handle.ts';
import { startServices } from '../../tests/support/shared/services.ts';
import { patienceMs } from './environment.ts';
import { ReachedStatements, traceLua } from './lua-trace.ts';
import type { Load, Message, Trial } from './protocol.ts';
import { startServerHere } from './server.ts';

const root = process.cwd();
const reached = new ReachedStatements(join(root, `redis-logs-${process.pid}`));
const traces = () =>
  globSync('src/server/store/scripts/**/*.lua').map((file) => traceLua(file, readFileSync(file, 'utf8')));
let heardCpu = process.cpuUsage();
const { say } = Object.assign(state(), {
  say(message: Message) {
    const { user, system } = process.cpuUsage(heardCpu);
    if ('end' in message) heardCpu = process.cpuUsage();
    process.send?.('end' in message ? { ...message, cpuMs: (user + system) / 1000 } : message);
  },
  startServer: startServerHere,
  takeReached: () => reached.take(),
});
startServersHere(globalThis, startServerHere);
process.env[sharedUrlVariable] = (await startServices(startServerHere)).url;

const { default: usual } = (await import(join(root, 'jest.config.js'))) as { default: Config };
const { globalSetup: _, globalTeardown: __, testSequencer: ___, ...inherited } = usual;

/** Loads a test file, and runs what the environment makes of its tests. */
async function run(load: Load, fromStart?: Trial) {
  const { instrumented } = state();
  const found = nothingFound();
  Object.assign(state(), { load, found });
  say({ within: 2 * patienceMs, mutant: fromStart?.mutant });
  activate(fromStart);
  const config: Config = {
    ...inherited,
    // For set-up. The environment has other limits for tests.
    testTimeout: patienceMs,
    roots: ['<rootDir>/src/server', '<rootDir>/tests'],
    testEnvironment: '<rootDir>/scripts/code-mutants/environment.ts',
    // What the environment gives to a file must survive it.
    testEnvironmentOptions: { globalsCleanup: 'off' },
  };
  await runCLI(
    {
      config: JSON.stringify(config),
      runInBand: true,
      runTestsByPath: true,
      reporters: [],
      silent: true,
      watchman: false,
      _: [load.file],
      $0: 'jest',
    },
    [root],
  );
  activate(undefined);
  instrumented.currentTestId = 'between two files';
  return found;
}

async function measure(load: Load): Promise<void> {
  const { perTest, static: atStart } = state().instrumented.mutantCoverage;
  const begun = performance.now();
  state().instrumented.traces ??= traces();
  const { isLoaded, measured, testMs, end } = await run(load);
  state().instrumented.traces = undefined;
  if (end !== undefined) return say({ end });
  if (!isLoaded) return say({ end: 'broken' });
  const outside = Object.keys(perTest[fileId(load.file)] ?? {});
  const loadMs = performance.now() - begun - testMs;
  say({ measured: { file: load.file, loadMs, atStart: Object.keys(atStart), outside, ...measured } });
  say({ end: 'done' });
}

/** Switches each mutant on for its tests. */
async function switchMutants(load: Load): Promise<void> {
  const { isLoaded, decided, passed, end } = await run(load);
  if (!isLoaded) say({ end: 'broken' });
  else {
    // What has passed counts also if the load ends before all have run.
    for (const { mutant, tests } of load.trials) {
      const isThrough = end === undefined || passed.get(mutant) === tests.length;
      if (isThrough && !decided.has(mutant)) say({ mutant, outcome: 'survived' });
    }
    say({ end: end ?? 'done' });
  }
}

/** Loads the file once for each mutant, and once without one if a mutant was noticed. */
async function loadForEach(load: Load): Promise<void> {
  const killed = new Set<string>();
  const failedTests: string[] = [];
  for (const trial of load.trials) {
    const found = await run({ ...load, trials: [trial] }, trial);
    failedTests.push(...found.failedTests);
    if (!found.isLoaded || found.decided.has(trial.mutant)) killed.add(trial.mutant);
  }
  if (killed.size > 0) {
    const control = { mutant: '', tests: [...new Set(failedTests)], hitLimit: Number.MAX_VALUE };
    const { isLoaded, decided } = await run({ ...load, trials: [control] });
    if (!isLoaded || decided.size > 0) return say({ end: 'broken' });
  }
  for (const { mutant } of load.trials) say({ mutant, outcome: killed.has(mutant) ? 'killed' : 'survived' });
  say({ end: 'done' });
}

// A mutant can break a promise that nothing awaits. The server would end; this process goes on with the next mutant.
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});

// It leads a process group, which has the Redis of its tests.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

const runs: Record<Load['kind'], (load: Load) => Promise<void>> = {
  measure,
  switch: switchMutants,
  alone: switchMutants,
  whole: loadForEach,
};
process.on('message', async (load: Load) => runs[load.kind](load));
