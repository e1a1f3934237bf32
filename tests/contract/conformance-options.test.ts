/** The options of the conformance suite, on a small server in Python that implements the public pages. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { earlierContract } from '../../contract-tests/engine/earlier.ts';
import { newHostname, newId } from '../../contract-tests/engine/ids.ts';
import { inScope } from '../../contract-tests/engine/run.ts';
import { readSpec } from '../../contract-tests/engine/spec.ts';
import { emptyFixture, type Target } from '../../contract-tests/engine/target.ts';
import {
  type ConformanceOptions,
  type ConformanceReport,
  conformanceChecks,
  listChecks,
  parseExpectedFailures,
  runConformance,
  SuiteError,
} from '../../contract-tests/index.ts';
import { python } from '../support/toolchains.ts';

const suite = join(import.meta.dirname, '../../contract-tests');
const rootKey = 'rk_example';
const httpOnly = 'portal.exchangeSession › public pages: the cookie is HttpOnly';
const once24 = 'portal.exchangeSession › public pages: the cookie is valid for 24 hours';

let server: ChildProcess;
let directory: string;
let given: ConformanceOptions & { target: string; slug: string };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-options-'));
  const file = join(suite, 'examples/seeds_server.py');
  server = spawn(python(), [file, '--fault', 'script-cookie'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [address] = await once(server.stdout as NodeJS.ReadableStream, 'data');
  given = { target: String(address).trim(), rootKey, slug: 'my-portal', profile: 'seeds', only: /the cookie is/ };
});
afterAll(async () => {
  server.kill();
  await once(server, 'exit');
  await rm(directory, { recursive: true });
});

const fileOf = async (name: string, text: string) => {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
};
const command = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const inherited = Object.entries(process.env).filter(([name]) => !name.endsWith('ROOT_KEY'));
    const cache = join(suite, '../node_modules/.cache/compile');
    const env = { ...Object.fromEntries(inherited), NODE_COMPILE_CACHE: cache };
    execFile(process.execPath, [join(suite, 'cli.ts'), ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
const own = () => ['--target', given.target, '--slug', given.slug, '--profile', 'seeds', '--only', 'the cookie is'];
const outcomes = ({ results }: ConformanceReport) =>
  Object.fromEntries(results.map(({ operation, promise, outcome }) => [`${operation} › ${promise}`, outcome]));

describe('expected failures', () => {
  test('a listed check that fails is expected, with its reason, in every report; the key comes from a file', async () => {
    const list = await fileOf('known.txt', `# Known faults\n\n${httpOnly}  # issue 7: an old proxy # drops it\n`);
    const keyFile = await fileOf('key', `${rootKey}\n`);
    const files = ['report.json', 'junit.xml', 'report.md'].map((name) => join(directory, name));
    const reports = ['--report', String(files[0]), '--junit', String(files[1]), '--markdown', String(files[2])];
    const options = ['--root-key-file', keyFile, '--expected-failures', list, '--seed', '7'];
    const { code, stdout } = await command(...own(), ...options, ...reports);
    expect(stdout).toContain('expected 1: issue 7: an old proxy # drops it\n');
    expect(stdout).toContain(', with --seed 7.\n');
    expect(stdout).toMatch(/\n2 passed, 0 failed, 0 skipped, 1 failed as expected\n$/);
    expect(code).toBe(0);
    const [json = '', xml = '', markdown = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const report: ConformanceReport = JSON.parse(json);
    expect(report).toMatchObject({ seed: 7, failed: 0, expected: 1, unexpected: 0 });
    expect(report.results).toContainEqual(
      expect.objectContaining({
        outcome: 'expected',
        reason: 'issue 7: an old proxy # drops it',
        failures: ['not true: the cookie is HttpOnly'],
      }),
    );
    const { testsuites } = new XMLParser({ ignoreAttributes: false }).parse(xml);
    expect(testsuites).toMatchObject({ '@_failures': '0', '@_skipped': '1' });
    expect(xml).toContain('expected failure: issue 7: an old proxy # drops it; not true: the cookie is HttpOnly');
    expect(markdown).toContain('## Failed as expected');
  });

  test('a listed check that passes fails the run', async () => {
    const list = await fileOf('fixed.txt', `${httpOnly}\n${once24}\n`);
    const xml = join(directory, 'unexpected.xml');
    const options = ['--root-key', rootKey, '--expected-failures', list, '--junit', xml];
    const { code, stdout } = await command(...own(), ...options);
    expect(stdout).toContain(`PASSED  ${once24}\n`);
    expect(stdout).toMatch(/1 passed, 0 failed, 0 skipped, 1 failed as expected, 1 passed unexpectedly\n$/);
    expect(code).toBe(1);
    expect(await readFile(xml, 'utf8')).toContain('the list of expected failures says that it fails');
  });

  test('a listed check that does not exist is named, and one that this run leaves out is not missed', async () => {
    const run = (text: string) => runConformance({ ...given, expectedFailures: parseExpectedFailures(text) });
    const missing = 'portal.exchangeSession › the cookie is sweet';
    await expect(run(`${httpOnly}\n${missing} # no`)).rejects.toThrow(
      new SuiteError(`the list of expected failures names checks that do not exist:\n  ${missing}`),
    );
    const elsewhere = 'apis.createApi › is implemented';
    expect(await run(`${httpOnly}\n${elsewhere}`)).toMatchObject({ failed: 0, expected: 1, unexpected: 0 });
    expect(() => parseExpectedFailures(`${httpOnly}\n${httpOnly} # again`)).toThrow(`twice: ${httpOnly}`);
  });

  test('an operation that is known to be missing is expected', async () => {
    const only = /^portal.endSession › /;
    const expectedFailures = parseExpectedFailures('portal.endSession › is implemented # not yet');
    const report = await runConformance({ ...given, profile: 'sessions', only, expectedFailures });
    expect([report.failed, report.expected, report.passed]).toEqual([0, 1, 0]);
    expect(outcomes(report)['portal.endSession › is implemented']).toBe('expected');
  });

  test('an operation that is no longer missing fails the run', async () => {
    const list = await fileOf('there.txt', 'portal.exchangeSession › is implemented # not yet\n');
    const { code, stdout } = await command(...own(), '--root-key', rootKey, '--expected-failures', list);
    expect(stdout).toContain('PASSED  portal.exchangeSession › is implemented\n');
    expect(stdout).toMatch(/2 passed, 1 failed, 0 skipped, 1 passed unexpectedly\n$/);
    expect(code).toBe(1);
    // As tests of a runner too, and not for an operation of which this run has no check.
    const lines = 'portal.exchangeSession › is implemented\nportal.createSession › is implemented';
    const checks = await conformanceChecks({ ...given, expectedFailures: parseExpectedFailures(lines) });
    const found = await Promise.all(
      checks.filter(({ name }) => name.endsWith('is implemented')).map(({ run }) => run()),
    );
    expect(found.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'portal.exchangeSession unexpected',
    ]);
  });
});

test('an Idempotency-Key is judged without the operations that a check of it does not need', async () => {
  // This server has none of them, and ignores the key.
  const only = /^portal\.(createSession|exchangeSession) › (a repeated|an Idempotency-Key that was used)/;
  const seen = outcomes(await runConformance({ ...given, profile: 'sessions', only }));
  const repeated =
    'a repeated request with one Idempotency-Key returns the same session, and a different request is refused';
  expect(seen).toMatchObject({
    [`portal.createSession › ${repeated}`]: 'failed',
    'portal.createSession › an Idempotency-Key that was used with another body is refused': 'failed',
  });
  expect(Object.values(seen)).not.toContain('skipped');
});

describe('a run that skips every check', () => {
  const args = (only: string) => [...own().slice(0, -1), only, '--root-key', rootKey, '--strict'];

  test('ends with exit code 2, and says what it lacks, after it has written its reports', async () => {
    const file = join(directory, 'skipped.json');
    const { code, stderr } = await command(...args('a disabled portal is refused'), '--report', file);
    expect(stderr).toBe(
      'The suite could not run: every chosen check was skipped: it needs the option --disabled-slug, a disabled portal\n',
    );
    expect(code).toBe(2);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
  });

  test('counts other reasons', async () => {
    const { code, stderr } = await command(...args('a (disabled portal|root key of another workspace)'));
    expect(stderr).toMatch(/: it needs the option --(disabled-slug|foreign-root-key), [a-z ]+, and 1 more reason\n$/);
    expect(code).toBe(2);
  });
});

describe('the keys', () => {
  test.each<[name: string, args: (file: string) => string[], text: string, sentence: RegExp]>([
    ['is given twice', (file) => ['--root-key', 'rk_other', '--root-key-file', file], 'rk_x', /exclude each other/],
    ['is in no file', (file) => ['--root-key-file', `${file}-none`], 'rk_x', /--root-key-file cannot be read: ENOENT/],
    ['is not alone in its file', (file) => ['--root-key-file', file], 'rk_secretOne rk_secretTwo', /contains no key/],
  ])('a key that %s: exit code 2, and the key is not shown', async (_, args, text, sentence) => {
    const { code, stdout, stderr } = await command(...own(), ...args(await fileOf('wrong', text)));
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toMatch(/rk_/);
  });

  test('a limited root key that the target does not know is a fault of the options', async () => {
    const run = runConformance({ ...given, limitedRootKey: 'rk_unknown' });
    await expect(run).rejects.toThrow('the target does not know the limited root key');
  });
});

describe('the seed', () => {
  const orderOf = async (seed: number, only = given.only) => {
    const order: string[] = [];
    await runConformance({ ...given, only, seed, concurrency: 1, onResult: ({ promise }) => order.push(promise) });
    return order;
  };

  test('decides the order, and the results are in the order of the contract', async () => {
    const only = /is (refused|"Bad Request")|the cookie/;
    const [first, again, other] = [await orderOf(1, only), await orderOf(1, only), await orderOf(2, only)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect([...other].sort()).toEqual([...first].sort());
    const cookies = await orderOf(1, /the cookie/);
    expect(cookies).toEqual(first.filter((promise) => promise.includes('the cookie')));
    const { results } = await runConformance({ ...given, only, seed: 2 });
    expect(results.map(({ promise }) => promise)).toEqual(
      (await listChecks({ profile: 'seeds', only })).map(({ promise }) => promise),
    );
  });

  test('is random and reported by default, and refused if it is no seed', async () => {
    const seeds = [await runConformance(given), await runConformance(given)].map(({ seed }) => seed);
    expect(seeds[0]).not.toBe(seeds[1]);
    await expect(runConformance({ ...given, seed: 1.5 })).rejects.toThrow(/the seed is an integer from 0 to 999999999/);
  });

  test('decides the ids of a check, except for the time of the run at their beginning', () => {
    const ids = (seed: number, scope: string, startedAt = 1_700_000_000_000) =>
      inScope({ seed, startedAt, readOnly: false }, scope, () => [newId(), newId(), newHostname()]);
    const own = ids(1, 'a');
    expect(new Set(own).size).toBe(3);
    expect(own[0]).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids(1, 'a')).toEqual(own);
    for (const other of [ids(2, 'a'), ids(1, 'b')]) expect(own).not.toEqual(expect.arrayContaining(other.slice(0, 1)));
    const later = ids(1, 'a', 1_700_000_000_001);
    expect(later[0]).toBe(own[0]?.replace('6800', '6801'));
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });
});

describe('the list', () => {
  test('shows each check of the choice with its profile, effect and source, and calls no server', async () => {
    const { code, stdout } = await command('--list', '--profile', 'seeds', '--only', 'the cookie is');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(
      `${httpOnly}\tseeds\twrites\thttps://unkey.com/docs/quickstart/portal: Browser session | 24 hours | Stored as httpOnly cookie`,
    );
  });

  test('has every check once, each with a place', async () => {
    const all = [...(await listChecks()), ...(await listChecks({ profile: 'seeds' }))];
    expect(new Set(all.map(({ operation, promise }) => `${operation} › ${promise}`)).size).toBe(all.length);
    const without = all.filter(({ source, specLine }) => source === undefined && specLine === undefined);
    expect(without.map(({ operation }) => operation)).toEqual(without.map(() => 'elsewhere'));
  });
});

describe('an earlier version of the contract', () => {
  const contractVersion = '0.1.0';

  test('has its own promises alone', async () => {
    const titles = (await listChecks({ contractVersion })).map(({ operation, promise }) => `${operation} › ${promise}`);
    const present = (await listChecks()).map(({ operation, promise }) => `${operation} › ${promise}`);
    const known = new Set(present);
    expect(titles.filter((title) => !known.has(title))).toEqual([]);
    const later = /^(keys\.createKey|identities\.\w+) › |body\.actor[. ]|body\.hostname/;
    expect(present.filter((title) => later.test(title)).length).toBeGreaterThan(50);
    expect(titles.filter((title) => later.test(title))).toEqual([]);
    expect(titles).toContain('portal.createSession › a session is created');
    expect(titles).toContain('portal.createSession › body.slug enforces minLength 3');
    // An error names a field that came later, and a tab came later.
    const others = [
      'portal.createSession › a person without an id is refused',
      'portal.createConfiguration › an unknown tab is refused',
      'portal.getSession › the action read_account shows the tabs docs, account',
    ];
    expect(others.filter((title) => !known.has(title))).toEqual([]);
    expect(titles.filter((title) => others.includes(title))).toEqual([]);
    await expect(listChecks({ contractVersion: '0.2.0' })).rejects.toThrow(/has the contract 0\.1\.0/);
  });

  test('does not understand a request that came later, and refuses others as it did', async () => {
    const spec = await readSpec();
    const { understands, promises, later } = await earlierContract(contractVersion, spec);
    const session = { slug: 'my-portal', externalId: 'user_123', permissions: ['api.*.read_key'] };
    const asked = [session, { ...session, actor: { id: 'person_7' } }, { ...session, slug: 5, actor: 5 }, undefined];
    expect(asked.map((body) => understands('portal.createSession', body))).toEqual([true, false, true, true]);
    const embedding = (embeddingOrigins: unknown) => ({ slug: 'my-portal', embeddingOrigins });
    const refused = { status: 400, error: 'unkey/application/invalid_input' };
    const bodies = [embedding(['https://a_b.example']), embedding('https://a.example')];
    // A rule that came later refuses what was valid, and the other one was there.
    expect(bodies.map((body) => promises('portal.createConfiguration', body, refused))).toEqual([false, true]);
    const asks = { status: 409, error: 'unkey/authentication/other_user_signed_in' };
    expect(promises('portal.exchangeSession', { sessionId: 'pst_1' }, asks)).toBe(false);
    expect(later).toContain('keys.createKey');
    expect(later).not.toContain('portal.createSession');
  });
});

test('a check that a test runner repeats has new ids', async () => {
  const ids: string[] = [];
  const target: Target = {
    ...{ name: 'own', baseUrl: given.target, isMock: false },
    async arrange() {
      ids.push(newId());
      return { ...emptyFixture, rootKey, slug: given.slug };
    },
  };
  const [check] = await conformanceChecks({ ...given, target, only: /the cookie is valid/ });
  expect([(await check?.run())?.outcome, (await check?.run())?.outcome]).toEqual(['passed', 'passed']);
  expect(new Set(ids).size).toBe(2);
});
