/**
 * Everything that must pass: the generated files are fresh, the spec and the code are clean, and every test is green.
 * With arguments it runs Jest alone, on them: `npm test -- src/server/domain`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './build/stale.ts';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const node = (...args: string[]) => [process.execPath, ...args];
const tsc = (...args: string[]) => node('node_modules/typescript/bin/tsc', ...args);
const sources = ['src', 'generated', 'contract-tests', 'tests', 'scripts', 'clients/typescript/src'];

/** What is checked beside the tests. Each is a command that fails where something is wrong. */
const checks: Record<string, string[]> = {
  'generated files are fresh': node('scripts/generate.ts', '--check'),
  'spec: Redocly recommended': [bin('redocly'), 'lint', 'openapi.yaml', '--max-problems', '1000'],
  'spec: Spectral oas': [bin('spectral'), 'lint', 'openapi.yaml', '--fail-severity', 'hint'],
  'spec: nothing breaks unannounced': node('scripts/spec/compat.ts'),
  'types: server, scripts, tests': tsc('--noEmit'),
  'types: portal': tsc('--noEmit', '-p', 'src/portal'),
  'types: unit tests of the portal': tsc('--noEmit', '-p', 'src/portal/tsconfig.test.json'),
  'types: pages of the documentation': tsc('--noEmit', '-p', 'src/docs/browser'),
  'format and lint': [bin('biome'), 'ci', '.'],
  'import direction': [bin('depcruise'), '--config', '.dependency-cruiser.js', ...sources],
  'unused code and dependencies': [bin('knip')],
  'portal: size of the first load': node('scripts/lab/portal-size.ts'),
};

/** Runs a command; what it printed is shown where it fails. */
async function passes(command: string[]): Promise<boolean> {
  const [program = '', ...args] = command;
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  // Redocly's warnings are not failures to it; here they are.
  const warned = program.endsWith('redocly') && /You have \d+ warning/.test(output);
  if (code === 0 && !warned) return true;
  console.error(output);
  return false;
}

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
let passed = 0;
let failed = 0;
for (const [name, command] of Object.entries(args.length > 0 ? {} : checks)) {
  const ok = await passes(command);
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
  if (ok) passed++;
  else failed++;
}
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
