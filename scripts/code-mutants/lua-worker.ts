/**
 * Runs tests with mutants of Lua scripts, in a copy of the project that is the current directory. `lua.ts` starts this process
 * and sends the requests.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { scripts } from '../../src/server/store/scripts.ts';
import { sharedRedis } from '../../tests/support/shared/client.ts';
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
  const seen = (state().instrumented as { scripts?: Record<string, Record<string, true>> }).scripts ?? {};
  const known = Object.entries(seen).filter(([id]) => id in costs.tests || id in costs.load);
  return { costs, scriptsOfTest: Object.fromEntries(known.map(([id, names]) => [id, Object.keys(names)])) };
}

/** Makes every script that contains a text contain another, in this process. Scripts that Redis knows already are forgotten. */
async function exchange(from: string, to: string): Promise<void> {
  for (const script of Object.values(scripts)) script.SCRIPT = script.SCRIPT.replace(from, () => to);
  const { url } = await sharedRedis();
  const client = createClient({ url });
  await client.connect();
  await client.scriptFlush();
  client.destroy();
}

async function runMutant(file: string, text: string, runs: PlannedRun[]): Promise<Reply> {
  const path = join(process.cwd(), file);
  const original = readFileSync(path, 'utf8');
  // The tests that use the store themselves read the file.
  writeFileSync(path, text);
  await exchange(original, text);
  try {
    for (const { file: testFile, names } of runs) {
      const { tests, error } = await runTestFile(testFile, names);
      const failed = tests.find(({ status }) => status === 'failed');
      if (error !== undefined || failed !== undefined) {
        return { killedBy: failed === undefined ? testFile : testId(testFile, failed.fullName) };
      }
    }
    return { killedBy: undefined };
  } finally {
    writeFileSync(path, original);
    await exchange(text, original);
  }
}

// A mutant can break a promise that nothing awaits. The server would end; this process goes on with the next mutant.
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});

process.on('message', async (request: Request) => {
  const reply =
    'files' in request ? await measure(request.files) : await runMutant(request.file, request.text, request.runs);
  process.send?.(reply);
});
