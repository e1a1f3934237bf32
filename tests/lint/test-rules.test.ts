/** The rules of biome.json for tests, on samples: they refuse tests that can pass without an assertion. */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { root } from '../../src/server/package.ts';

const withoutAssertion = 'This test can pass without an assertion';
const withReturn = 'A return can skip the assertions';

/** Bad tests, with the rule or the message that refuses each. */
const bad: [code: string, reason: string][] = [
  ["test('', () => {});", withoutAssertion],
  ["test('', async () => { await call(); });", withoutAssertion],
  ["test('', function () { call(); });", withoutAssertion],
  ["test('', async () => { await call(); }, 1000);", withoutAssertion],
  ["it('', () => { call(); });", withoutAssertion],
  ["test.each([1, 2])('%s', (n) => { call(n); });", withoutAssertion],
  ["test('', () => { expect(1); });", withoutAssertion],
  ["test('', () => { expect.assertions(1); });", withoutAssertion],
  ["test('', async () => { await until('ready', () => isReady()); });", withoutAssertion],
  ["test('', () => { for (const one of list) expect(one).toBe(1); });", withoutAssertion],
  ["test('', () => { for (const one of []) expect(one).toBe(1); });", withoutAssertion],
  ["test('', () => { for (const one in list) expect(one).toBe(1); });", withoutAssertion],
  ["test('', () => { list.forEach((one) => expect(one).toBe(1)); });", withoutAssertion],
  ["test('', async () => { await Promise.all(list.map(async (one) => expect(one).toBe(1))); });", withoutAssertion],
  ["test('', () => { while (next()) expect(1).toBe(1); });", withoutAssertion],
  ["test('', () => { if (one) expectOne(one); });", withoutAssertion],
  ["test('', () => { const check = () => expect(1).toBe(1); });", withoutAssertion],
  ["test('', () => { if (one) return; expect(1).toBe(1); });", withReturn],
  ["test('', () => { if (one) { return; } expect(1).toBe(1); });", withReturn],
  ["test('', () => { for (const one of list) { if (one) return; } expect(1).toBe(1); });", withReturn],
  ["test('', async () => { try { call(); } catch { return; } expect(1).toBe(1); });", withReturn],
  ["test('', () => { expect(1).toBe(1); if (one) expect(2).toBe(2); });", 'noConditionalExpect'],
  [
    "test('', () => { expect(1).toBe(1); try { call(); } catch (error) { expect(error).toBe(2); } });",
    'noConditionalExpect',
  ],
  ["test('', () => { expect(1).toBe(1); one && expect(2).toBe(2); });", 'noConditionalExpect'],
  ["test.only('', () => { expect(1).toBe(1); });", 'noFocusedTests'],
  ["test.skip('', () => { expect(1).toBe(1); });", 'noSkippedTests'],
  ["describe('', () => { expect(1).toBe(1); });", 'noMisplacedAssertion'],
  ["describe('', () => { beforeAll(() => {}); beforeAll(() => {}); });", 'noDuplicateTestHooks'],
  ["test('a', () => { expect(1).toBe(1); }); test('a', () => { expect(2).toBe(2); });", 'noIdenticalTestTitle'],
  ["test('', () => { expect(1).toBe(1); }); export const one = 1;", 'noExportsInTest'],
];

const good = [
  "test('', () => { expect(1).toBe(1); });",
  "test('', async () => { await expect(call()).rejects.not.toThrow('x'); });",
  "test('', async () => { await expectNoViolations(page); });",
  "test('', async () => { await world.expectHeading('x'); });",
  "test('', () => { fc.assert(property); });",
  "test('', async () => { await page.getByText('x').waitFor(); });",
  "test('', async () => { await page.waitForURL('/x'); });",
  "test('', () => { expectEach(list, (one) => { if (!one) return; expect(one).toBe(1); }); });",
  "test('', () => { for (const one of [1, 2]) expect(one).toBe(1); });",
  "test('', () => { for (const [one] of [[1], [2]] as const) expect(one).toBe(1); });",
  "test('', () => { for (const [i, one] of [1, 2].entries()) expect(one).toBe(i + 1); });",
  "test('', () => { for (let i = 0; i < 3; i++) expect(i).toBeLessThan(3); });",
  "test('', () => { for (const one of list) call(one); expect(list).toHaveLength(2); });",
  "test('', () => { const f = () => { if (one) return 1; return 2; }; expect(f()).toBe(1); });",
  "test.each([1])('%s', (n) => { expect(n).toBe(1); });",
];

let directory: string;
/** What Biome reports, by the name of the sample. */
const reports = new Map<string, string[]>();

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'portico-lint-')));
  await copyFile(join(root, 'biome.json'), join(directory, 'biome.json'));
  await cp(join(root, 'scripts/lint'), join(directory, 'scripts/lint'), { recursive: true });
  const write = (kind: string) => (code: string, i: number) => writeFile(join(directory, `${kind}${i}.test.ts`), code);
  await Promise.all([...bad.map(([code]) => code).map(write('bad')), ...good.map(write('good'))]);
  const args = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none', '.'];
  // Biome exits with 1, because it finds the bad samples.
  const { stdout } = await promisify(execFile)(join(root, 'node_modules/.bin/biome'), args, { cwd: directory }).catch(
    (error: { stdout: string }) => error,
  );
  for (const line of stdout.split('\n')) {
    const name = /,file=[^,]*?(\w+)\.test\.ts,/.exec(line)?.[1];
    if (name !== undefined) reports.set(name, [...(reports.get(name) ?? []), line]);
  }
});
afterAll(() => rm(directory, { recursive: true }));

describe('refused', () => {
  test.each(bad.map(([code, reason], i) => ({ code, reason, name: `bad${i}` })))('$code', ({ name, reason }) => {
    expect(reports.get(name)?.join('\n')).toContain(reason);
  });
});

describe('accepted', () => {
  test.each(good.map((code, i) => ({ code, name: `good${i}` })))('$code', ({ name }) => {
    expect(reports.get(name)).toBeUndefined();
  });
});
