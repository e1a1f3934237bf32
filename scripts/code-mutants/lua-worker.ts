/**
 * Runs tests with mutants of Lua scripts, in a copy of the project that is the current directory. `lua.ts` starts this process
 * and sends the requests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Costs, PlannedRun } from './plan.ts';
import { runTestFile } from './run-tests.ts';
import { state, testId } from './state.ts';

/** Runs all tests without a mutant, or the planned tests with one. */
export type Request = { files: string[] } | { file: string; text: string; runs: PlannedRun[] };

/** What the tests cost and the scripts that each runs; or the test that failed. */
export type Reply = { costs: Costs; scriptsOfTest: Record<string, string[]> } | { killedBy: string | undefined };

async function measure(files: string[]): Promise<Reply> {
  const costs: Costs = { load: {}, tests: {} };
  for (const file of files) {
    const { tests, loadMs } = await runTestFile(file);
    costs.load[file] = loadMs;
    for (const { fullName, duration, status } of tests) {
      if (status === 'passed') costs.tests[testId(file, fullName)] = duration ?? 0;
    }
  }
  const seen = state().instrumented.scripts ?? {};
  const known = Object.entries(seen).filter(([id]) => id in costs.tests || id in costs.load);
  return { costs, scriptsOfTest: Object.fromEntries(known.map(([id, names]) => [id, Object.keys(names)])) };
}

async function runMutant(file: string, text: string, runs: PlannedRun[]): Promise<Reply> {
  const path = join(process.cwd(), file);
  const original = readFileSync(path, 'utf8');
  // The store of each test file reads its scripts again.
  writeFileSync(path, text);
  try {
    for (const { file: testFile, names, testTimeoutMs } of runs) {
      const { tests, error } = await runTestFile(testFile, names, testTimeoutMs);
      const failed = tests.find(({ status }) => status === 'failed');
      if (error !== undefined || failed !== undefined) {
        return { killedBy: failed === undefined ? testFile : testId(testFile, failed.fullName) };
      }
    }
    return { killedBy: undefined };
  } finally {
    writeFileSync(path, original);
  }
}

// A mutant can break a promise that nothing awaits.
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});

// It leads a process group, which has the Redis of its tests.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

process.on('message', async (request: Request) => {
  const reply =
    'files' in request ? await measure(request.files) : await runMutant(request.file, request.text, request.runs);
  process.send?.(reply);
});
