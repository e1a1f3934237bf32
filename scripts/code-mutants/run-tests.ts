/** Runs test files one after another in this process, with the servers in this process. */
import { join } from 'node:path';
import { type Config, runCLI } from 'jest';
import { startServersHere } from '../../tests/support/server.ts';
import '../../tests/support/patient-redis.ts';
import { sharedUrlVariable } from '../../tests/support/shared/handle.ts';
import { startServices } from '../../tests/support/shared/services.ts';
import { startServerHere } from './server.ts';
import { state } from './state.ts';
import { runsHere } from './tests.ts';

type JestFile = Awaited<ReturnType<typeof runCLI>>['results']['testResults'][number];

/** The result of one test file. */
export interface FileResult {
  tests: JestFile['testResults'];
  /** Why the file could not run, or undefined. */
  error: string | undefined;
  /** The time of everything but its tests, in ms. */
  loadMs: number;
}

let prepared: Promise<void> | undefined;

/** Starts what the tests share, at the first call. */
async function prepare(): Promise<void> {
  state().startServer = startServerHere;
  startServersHere(globalThis, startServerHere);
  const { url } = await startServices(startServerHere);
  process.env[sharedUrlVariable] = url;
}

/** For tests without a mutant, on a machine that may be busy. */
const patienceMs = 180_000;

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Runs a test file.
 *
 * @param file its path from the current directory
 * @param names the full names of the tests to run; all that can run here if undefined
 * @param testTimeout how long a test may take, in ms
 */
export async function runTestFile(file: string, names?: string[], testTimeout = patienceMs): Promise<FileResult> {
  prepared ??= prepare();
  await prepared;
  const root = process.cwd();
  const { default: usual } = (await import(join(root, 'jest.config.js'))) as { default: Config };
  const { globalSetup: _, globalTeardown: __, testSequencer: ___, ...inherited } = usual;
  const config: Config = {
    ...inherited,
    testTimeout,
    roots: ['<rootDir>/src/server', '<rootDir>/tests'],
    testEnvironment: '<rootDir>/scripts/code-mutants/environment.ts',
    // What the environment gives to a file must survive it.
    testEnvironmentOptions: { globalsCleanup: 'off' },
  };
  const begun = performance.now();
  const { results } = await runCLI(
    {
      config: JSON.stringify(config),
      runInBand: true,
      runTestsByPath: true,
      reporters: [],
      silent: true,
      watchman: false,
      _: [file],
      $0: 'jest',
      testNamePattern: names === undefined ? runsHere : `^(${names.map(escaped).join('|')})$`,
    },
    [root],
  );
  const [result] = results.testResults;
  const tests = (result?.testResults ?? []).filter(({ status }) => status === 'passed' || status === 'failed');
  const testMs = tests.reduce((sum, { duration }) => sum + (duration ?? 0), 0);
  const { testExecError } = result ?? {};
  return {
    tests,
    error: testExecError === undefined ? undefined : `${testExecError.message}\n${testExecError.stack}`,
    loadMs: performance.now() - begun - testMs,
  };
}
