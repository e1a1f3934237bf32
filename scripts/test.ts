/**
 * Everything that must pass: the generated files are fresh, the spec and the code are clean, and every test is green.
 * With arguments it runs Jest alone, on them: `npm test -- src/server/domain`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './builds/if-stale.ts';
import { runChecks } from './lint.ts';

const root = join(import.meta.dirname, '..');
async function jest(args: string[], workers: number): Promise<{ passed: number; failed: number; skipped: number }> {
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

// The tests start the server and the command line many times over; Node need not compile them anew each time.
process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules/.cache/compile');

/**
 * Tests that drive a browser. They come by themselves and one after the other: beside them others would race a machine that
 * is busy with drawing, and a browser is several processes already.
 */
const browserTests = '/tests/(portal|docs|pages)/';
/** Tests that do something to Redis or the server, and time what comes of it: one after the other, for the same reason. */
const faultTests = '/tests/faults/';
const parts = [
  { workers: 2, args: ['--testPathIgnorePatterns', browserTests, faultTests, '/node_modules/'] },
  { workers: 1, args: ['--testPathPatterns', faultTests] },
  { workers: 1, args: ['--testPathPatterns', browserTests] },
];

const args = process.argv.slice(2);
let { passed, failed } = args.length > 0 ? { passed: 0, failed: 0 } : await runChecks();
await buildIfStale();
let skipped = 0;
for (const part of args.length > 0 ? [{ workers: 2, args }] : parts) {
  const tests = await jest(part.args, part.workers);
  passed += tests.passed;
  failed += tests.failed;
  skipped += tests.skipped;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
