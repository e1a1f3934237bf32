/**
 * Everything that must pass: the generated files are fresh, the spec and the code are clean, and every test is green.
 * With arguments it runs Jest alone, on them: `npm test -- src/server/domain`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './freshness/if-stale.ts';
import { runChecks } from './lint.ts';

const root = join(import.meta.dirname, '..');
async function jest(args: string[]): Promise<{ passed: number; failed: number; skipped: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'portico-jest-'));
  const report = join(directory, 'report.json');
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jestArgs = [
    'node_modules/jest/bin/jest.js',
    '--json',
    '--outputFile',
    report,
    '--maxWorkers',
    String(workers),
    ...args,
  ];
  const child = spawn(process.execPath, [...options, ...jestArgs], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const result = JSON.parse(await readFile(report, 'utf8').catch(() => '{}'));
  await rm(directory, { recursive: true });
  const {
    numPassedTests: passed = 0,
    numFailedTests = 0,
    numPendingTests: skipped = 0,
    numRuntimeErrorTestSuites = 0,
  } = result;
  // A file that could not even be loaded has no failed tests, and has failed.
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}

// The tests start the server and the command line many times over; with the cache Node compiles them once.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/compile');

/**
 * Two would do for tests that compute, but many wait: for a deadline, for a fail-over, for a browser. None depends on how fast
 * the machine is.
 */
const workers = 5;

const args = process.argv.slice(2);
await buildIfStale();
const nothing = { passed: 0, failed: 0 };
const [checks, tests] = await Promise.all([args.length > 0 ? nothing : runChecks(), jest(args)]);
const failed = checks.failed + tests.failed;
console.log(`${checks.passed + tests.passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
