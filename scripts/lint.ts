/**
 * `npm run lint`: every check of `npm test` that is not a test. `npm run lint -- types format` runs those whose name
 * contains one of the words.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const node = (...args: string[]) => [process.execPath, ...args];
const tsc = (...args: string[]) => node('node_modules/typescript/bin/tsc', ...args);
const sources = ['src', 'generated', 'contract-tests', 'tests', 'scripts', 'clients/typescript/src'];

/** Each check is a command that exits with another code than 0 if something is wrong. */
const checks: Record<string, string[]> = {
  'generated files are fresh': node('scripts/generate.ts', '--check'),
  'spec: Redocly recommended': [
    bin('redocly'),
    'lint',
    'openapi.yaml',
    'generated/arazzo.yaml',
    '--max-problems',
    '1000',
  ],
  'spec: Spectral oas': [bin('spectral'), 'lint', 'openapi.yaml', '--fail-severity', 'hint'],
  'spec: breaking changes are announced': node('scripts/spec/compat.ts'),
  'types: server, scripts, tests': tsc('--noEmit'),
  'types: portal': tsc('--noEmit', '-p', 'src/portal'),
  'types: unit tests of the portal': tsc('--noEmit', '-p', 'src/portal/tsconfig.test.json'),
  'types: pages of the documentation': tsc('--noEmit', '-p', 'src/docs/browser'),
  'format and code style': [bin('biome'), 'ci', '.'],
  'words of docs, spec and comments': [bin('cspell'), 'lint', '--no-progress', '--quiet', '--dot'],
  'import direction': [bin('depcruise'), '--config', '.dependency-cruiser.js', ...sources],
  'unused code and dependencies': [bin('knip')],
  'install scripts and licences of packages': node('scripts/supply-chain/check.ts'),
  'portal: size of the first load': node('scripts/lab/portal-size.ts'),
};

/** Runs a check, and prints its output if it fails. */
async function passes(command: string[]): Promise<boolean> {
  const [program = '', ...args] = command;
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  // Redocly exits with 0 after a warning.
  const hasWarning = program.endsWith('redocly') && /You have \d+ warning/.test(output);
  if (code === 0 && !hasWarning) return true;
  console.error(output);
  return false;
}

/**
 * Runs checks one after another and prints a line for each.
 *
 * @param words runs the checks whose name contains one of them; all checks if there are none
 */
export async function runChecks(words: string[] = []): Promise<{ passed: number; failed: number }> {
  const chosen = Object.entries(checks).filter(
    ([name]) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  let passed = 0;
  for (const [name, command] of chosen) {
    const ok = await passes(command);
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
    if (ok) passed++;
  }
  return { passed, failed: chosen.length - passed };
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  const { passed, failed } = await runChecks(words);
  if (passed + failed === 0)
    console.error(`No check has a name with ${words.join(' or ')}: ${Object.keys(checks).join(', ')}`);
  process.exitCode = passed > 0 && failed === 0 ? 0 : 1;
}
