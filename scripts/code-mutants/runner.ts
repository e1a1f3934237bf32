/**
 * A test runner for Stryker. Its own Jest runner loads every test file for each mutant, and a server in another process would
 * not have the mutant. This one runs the files that cover the mutant, in one process with the servers that they call.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { INSTRUMENTER_CONSTANTS, type MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
} from '@stryker-mutator/api/test-runner';
import { type Costs, isInSample, planRuns } from './plan.ts';
import type { FileResult } from './run-tests.ts';
import { fileId, state, testId } from './state.ts';
import { testFiles } from './tests.ts';

/** The environment variables that the command gives to this process. */
export const variables = {
  /** Where the dry run stores the durations of the tests, for the processes that run mutants. */
  costs: 'PORTICO_CODE_MUTANTS_COSTS',
  /** The time for the tests of one mutant, in ms. */
  budget: 'PORTICO_CODE_MUTANTS_BUDGET_MS',
  /** How many percent of the mutants are run. */
  sample: 'PORTICO_CODE_MUTANTS_SAMPLE',
  /** No mutant begins after this time, in Unix ms. */
  endsAt: 'PORTICO_CODE_MUTANTS_ENDS_AT',
} as const;

const costsFile = () => process.env[variables.costs] ?? '';

/** Runs a test file of the instrumented copy of the project, which is the current directory. */
async function run(file: string, names?: string[], testTimeoutMs?: number): Promise<FileResult> {
  const { runTestFile } = (await import(join(process.cwd(), 'scripts/code-mutants/run-tests.ts'))) as {
    runTestFile: typeof run;
  };
  return runTestFile(file, names, testTimeoutMs);
}

const isGreen = ({ tests, error }: FileResult) =>
  error === undefined && tests.every(({ status }) => status === 'passed');

/** Runs a file without a mutant; a second time if it fails, because the machine can be too busy for a deadline. */
async function runUnchanged(file: string): Promise<FileResult> {
  const result = await run(file);
  return isGreen(result) ? result : run(file);
}

class CodeMutantsRunner implements TestRunner {
  static readonly inject = [] as const;
  #costs: Costs | undefined;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun(): Promise<DryRunResult> {
    const costs: Costs = { load: {}, tests: {} };
    const results: TestResult[] = [];
    for (const file of testFiles(process.cwd())) {
      const { tests, error, loadMs } = await runUnchanged(file);
      if (error !== undefined) return { status: DryRunStatus.Error, errorMessage: `${file}: ${error}` };
      costs.load[file] = loadMs;
      results.push({ id: fileId(file), name: file, fileName: file, status: TestStatus.Success, timeSpentMs: loadMs });
      for (const { fullName, status, duration, failureMessages } of tests) {
        const id = testId(file, fullName);
        const timeSpentMs = duration ?? 0;
        costs.tests[id] = timeSpentMs;
        const result = { id, name: id, fileName: file, timeSpentMs };
        if (status === 'passed') results.push({ ...result, status: TestStatus.Success });
        else results.push({ ...result, status: TestStatus.Failed, failureMessage: failureMessages.join('\n') });
      }
    }
    writeFileSync(costsFile(), JSON.stringify(costs));
    const known = new Set(results.map(({ id }) => id));
    const { static: atStart = {}, perTest = {} } = (state().instrumented.mutantCoverage ??
      {}) as Partial<MutantCoverage>;
    const mutantCoverage = {
      static: atStart,
      perTest: Object.fromEntries(Object.entries(perTest).filter(([id]) => known.has(id))),
    };
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage };
  }

  async mutantRun({
    activeMutant,
    testFilter = [],
    sandboxFileName,
    hitLimit,
  }: MutantRunOptions): Promise<MutantRunResult> {
    this.#costs ??= JSON.parse(readFileSync(costsFile(), 'utf8')) as Costs;
    if (!isInSample(activeMutant.id, Number(process.env[variables.sample]))) {
      return { status: MutantRunStatus.Error, errorMessage: 'not in the sample' };
    }
    if (Date.now() > Number(process.env[variables.endsAt])) {
      return { status: MutantRunStatus.Error, errorMessage: 'there is no time left' };
    }
    const { instrumented } = state();
    const budgetMs = Number(process.env[variables.budget]);
    let nrOfTests = 0;
    // For threads and processes that start from now on.
    process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE] = activeMutant.id;
    try {
      for (const { file, names, testTimeoutMs } of planRuns(
        testFilter,
        relative(process.cwd(), sandboxFileName),
        this.#costs,
        budgetMs,
      )) {
        Object.assign(instrumented, {
          activeMutant: activeMutant.id,
          hitLimit,
          hitCount: hitLimit === undefined ? undefined : 0,
        });
        const { tests, error } = await run(file, names, testTimeoutMs);
        const endless = determineHitLimitReached(instrumented.hitCount, instrumented.hitLimit);
        if (endless) return { ...endless, status: MutantRunStatus.Timeout };
        nrOfTests += tests.length;
        const failed = tests.filter(({ status }) => status === 'failed');
        if (error !== undefined || failed.length > 0) {
          return {
            status: MutantRunStatus.Killed,
            killedBy: failed.length > 0 ? failed.map(({ fullName }) => testId(file, fullName)) : [fileId(file)],
            failureMessage: error ?? failed[0]?.failureMessages[0] ?? '',
            nrOfTests,
          };
        }
      }
      return { status: MutantRunStatus.Survived, nrOfTests };
    } finally {
      instrumented.activeMutant = undefined;
      delete process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE];
    }
  }
}

// A mutant can break a promise that nothing awaits. The server would end; this process goes on with the next mutant.
process.on('unhandledRejection', () => {});
process.on('uncaughtException', () => {});

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'portico', CodeMutantsRunner)];
