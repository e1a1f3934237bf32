/** The suite as its user gets it: built, packed, installed into an empty folder without a registry, and run against another server. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { suiteVersion } from '../../contract-tests/engine/version.ts';
import { buildConformance, conformancePackage } from '../../scripts/build/conformance.ts';
import { python } from '../support/toolchains.ts';

const root = join(import.meta.dirname, '../..');
let project: string;
let server: ChildProcess;
let target: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'portico-conformance-package-'));
  server = spawn(python(), [join(conformancePackage, 'examples/seeds_server.py')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = once(server.stdout as NodeJS.ReadableStream, 'data');
  await buildConformance();
  const [packed] = JSON.parse(await run('npm', 'pack', '--json', conformancePackage));
  await writeFile(join(project, 'package.json'), '{"private":true,"type":"module"}');
  await run('npm', 'install', '--offline', '--no-audit', '--no-fund', join(project, packed.filename));
  target = String((await address)[0]).trim();
});
afterAll(async () => {
  server.kill();
  await once(server, 'exit');
  await rm(project, { recursive: true });
});

/** Runs a command in the project. If it fails, the error contains its output. */
async function run(command: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ROOT_KEY: 'rk_example', TARGET: target, SLUG: 'my-portal', ONLY: 'the cookie is' };
  const options = { cwd: project, env, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(command, args, options).catch(({ stdout: output, stderr }) => {
    throw new Error(`${output}${stderr}`);
  });
  return stdout;
}

/** An example of contract-tests/examples, as the user of the package writes it. */
async function example(name: string, as: string): Promise<string> {
  const text = await readFile(join(conformancePackage, 'examples', name), 'utf8');
  const file = join(project, as);
  await writeFile(
    file,
    text.replace('../index.ts', '@portico/conformance').replace('only }', "only, profile: 'seeds' }"),
  );
  return file;
}

test('has the version of the suite, no dependency, and the licenses of what it includes', async () => {
  const installed = join(project, 'node_modules/@portico/conformance');
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'));
  expect(manifest.version).toBe(suiteVersion);
  expect(manifest.dependencies).toBeUndefined();
  const licenses = await readFile(join(installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const name of ['ajv', 'supertest', 'yaml', 'commander', 'expect']) expect(licenses).toMatch(`${name} `);
  expect(await readFile(join(installed, 'dist/openapi.yaml'), 'utf8')).toBe(
    await readFile(join(root, 'openapi.yaml'), 'utf8'),
  );
  expect(await readFile(join(installed, 'dist/types/index.d.ts'), 'utf8')).toContain('runConformance(options');
  const schema = await run(process.execPath, '-p', `require('@portico/conformance/report.schema.json').type`);
  expect(schema).toBe('object\n');
});

test('has types that a program without those of Node can use', async () => {
  const file = join(project, 'typed.ts');
  await writeFile(
    file,
    [
      `import { type CheckResult, clientChecks, commandDriver, conformanceChecks, judgeClient, listChecks } from '@portico/conformance';`,
      `import { parseExpectedFailures, runConformance } from '@portico/conformance';`,
      `const options = { target: 'http://localhost', rootKey: 'rk_1', slug: 'a', expectedFailures: parseExpectedFailures('') };`,
      `export const passed: number = (await runConformance(options)).passed;`,
      `export const results: CheckResult[] = await Promise.all((await conformanceChecks(options)).map(({ run }) => run()));`,
      `export const writes: boolean[] = (await listChecks({ profile: 'seeds' })).map((check) => check.writes);`,
      `const driver = commandDriver(['python3', 'judge.py'], 1000);`,
      `export const held = (await judgeClient(driver, { only: /lost/ })).every(({ outcome }) => outcome === 'held');`,
      `export const names: string[] = (await clientChecks(driver)).map(({ id, name }) => id + name);`,
    ].join('\n'),
  );
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [], noEmit: true };
  const compilerOptions = { ...strict, target: 'es2024', lib: ['es2024', 'dom'], module: 'nodenext' };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  expect(await run(process.execPath, compiler, '-p', project)).toBe('');
});

test('judges a client in the test runner of Node', async () => {
  await example('client.ts', 'client.node.ts');
  const driver = `${process.execPath} ${join(root, 'scripts/clients/portico-driver.ts')}`;
  const judged = await run('env', `DRIVER=${driver}`, 'ONLY=^lost-acts', process.execPath, '--test', 'client.node.ts');
  expect(judged).toMatch(/ pass [1-9]/);
  expect(judged).toMatch(/ fail 0\n/);
  // A driver that says it cannot make the call to a healthy server.
  const idle = `${process.execPath} -p 0`;
  await expect(run('env', `DRIVER=${idle}`, process.execPath, '--test', 'client.node.ts')).rejects.toThrow(/NotJudged/);
});

test('runs as a command', async () => {
  const bin = join(project, 'node_modules/.bin/portico-conformance');
  const out = await run(process.execPath, bin, '--target', target, '--slug', 'my-portal', '--profile', 'seeds');
  expect(out).toMatch(/\n[1-9]\d+ passed, 0 failed, \d+ skipped\n$/);
  // The contract of the last release is in the package too.
  const old = await run(
    process.execPath,
    bin,
    '--list',
    '--contract-version',
    '0.1.0',
    '--only',
    'a session is created',
  );
  expect(old).toContain('portal.createSession › a session is created\tsessions\twrites\t');
  // `npx` finds the command of the suite by the name of the package.
  expect(await run('npx', '--no-install', '@portico/conformance', '--help')).toContain('--target <url>');
});

test('judges a client as a command', async () => {
  const bin = join(project, 'node_modules/.bin/portico-conformance-client');
  const driver = [process.execPath, join(root, 'scripts/clients/portico-driver.ts')];
  const out = await run(process.execPath, bin, '--only', '^lost-acts', ...driver);
  expect(out).toMatch(/\nmust: [1-9]\d* held, 0 broken, 0 unsupported; should: /);
});

test('runs in the test runner of Node, and in Jest', async () => {
  const node = await run(process.execPath, '--test', await example('node-test.ts', 'conformance.node.ts'));
  expect(node).toMatch(/ pass 3\n/);
  expect(node).toMatch(/ fail 0\n/);
  await example('jest.ts', 'conformance.test.ts');
  const config = { extensionsToTreatAsEsm: ['.ts'], transform: {}, modulePaths: [join(root, 'node_modules')] };
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  await run(
    process.execPath,
    '--experimental-vm-modules',
    jest,
    '--config',
    JSON.stringify({ ...config, rootDir: project }),
    '--json',
    '--outputFile',
    'jest.json',
  );
  expect(JSON.parse(await readFile(join(project, 'jest.json'), 'utf8'))).toMatchObject({
    success: true,
    numPassedTests: 3,
  });
});
