/** The commands of keys, through the HTTP API of the shared server. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Portico } from '../../clients/typescript/src/index.ts';
import { runCommand } from '../support/run-command.ts';
import '../support/patient-redis.ts';
import { operate, sharedRedis, sharedServer } from '../support/shared/client.ts';

const { env } = await sharedRedis();
const { url } = await sharedServer();
const { rootKey } = await operate<{ rootKey: string }>(env, 'workspace', 'create', '--name', 'Acme');
const backend = new Portico({ baseUrl: url, rootKey });
const { apiId } = await backend.apis.createApi({ name: 'Payments', prefix: 'pay' });
const directory = await mkdtemp(join(tmpdir(), 'portico-keys-'));
afterAll(() => rm(directory, { recursive: true }));

const run = (verb: string, ...args: string[]) =>
  runCommand({ ...env, ROOT_KEY: rootKey }, 'key', verb, '--api', url, ...args);
async function json<T = Record<string, unknown>>(verb: string, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(verb, ...args, '--json');
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}
const inApi = ['--api-id', apiId];
let users = 0;
/** Creates a key of a new user. */
async function newKey(...settings: string[]) {
  const externalId = `user_${++users}`;
  const made = await json<{ keyId: string; key: string }>('create', ...inApi, '--external-id', externalId, ...settings);
  return { externalId, ...made, own: ['--key-id', made.keyId] };
}

test('a key is created with its settings, and only then shown', async () => {
  const settings = ['--name', 'Production', '--ratelimit', '5/1m', '--ip-range', '192.0.2.0/24', '--meta', '{"a":1}'];
  const { externalId, keyId, key, own } = await newKey('--managed', '--expires', '90d', ...settings);
  expect(key).toMatch(/^pay_/);
  const expected = { keyId, externalId, name: 'Production', managed: true, enabled: true, meta: { a: 1 } };
  const shown = await json('get', ...own);
  expect(shown).toMatchObject({ ...expected, ratelimit: { limit: 5, duration: 60_000 }, ipRanges: ['192.0.2.0/24'] });
  expect(Math.abs(Number(shown['expires']) - Date.now() - 90 * 86_400_000)).toBeLessThan(600_000);
  const listed = await run('list', ...inApi, '--external-id', externalId);
  expect(listed.stdout).toMatch(
    new RegExp(`^keyId .*\\n${keyId} +${externalId} +Production +pay_\\S+ +true +true +\\d{4}-`),
  );
  expect(JSON.stringify([shown, listed])).not.toContain(key);
});

test('a list has the keys that match, up to the limit', async () => {
  const { externalId, keyId } = await newKey('--disabled', '--name', 'First');
  const { keyId: second } = await json('create', ...inApi, '--external-id', externalId, '--name', 'Second');
  const ids = async (...filter: string[]) =>
    (await json<{ keyId: string }[]>('list', ...inApi, '--external-id', externalId, ...filter)).map((key) => key.keyId);
  expect(await ids()).toEqual([second, keyId]);
  expect(await ids('--state', 'disabled')).toEqual([keyId]);
  expect(await ids('--search', 'seco')).toEqual([second]);
  const limited = await run('list', ...inApi, '--external-id', externalId, '--limit', '1');
  expect(limited).toMatchObject({
    code: 0,
    stderr: 'There are more than 1 keys. Add a filter, or a greater --limit.\n',
  });
});

test('settings are changed and cleared, and the key is replaced and deleted', async () => {
  const { own, key, keyId } = await newKey('--name', 'First', '--ratelimit', '5/1m', '--ip-range', '::/0');
  expect(await json('update', ...own, '--disabled', '--name', 'Second')).toMatchObject({
    enabled: false,
    name: 'Second',
  });
  const cleared = await json(
    'update',
    ...own,
    '--enabled',
    '--ratelimit',
    'none',
    '--ip-range',
    'none',
    '--name',
    'none',
  );
  expect(cleared).toMatchObject({ enabled: true });
  for (const field of ['ratelimit', 'ipRanges', 'name']) expect(cleared).not.toHaveProperty(field);
  const next = await json<{ keyId: string; key: string }>('reroll', ...own, '--overlap', '1h');
  expect(next.key).toMatch(/^pay_/);
  expect([next.key, next.keyId]).not.toEqual([key, keyId]);
  const remove = await run('delete', ...own);
  expect(remove).toMatchObject({ code: 2, stdout: '' });
  expect(remove.stderr).toMatch(
    /^There is no terminal to ask on: Delete the key key_\w+ of the user "user_\d+"\? Add --yes\.\n$/,
  );
  expect((await backend.keys.verifyKey({ key })).code).toBe('VALID');
  expect(await json('delete', ...own, '--yes')).toEqual({ keyId, deleted: true });
  expect((await backend.keys.verifyKey({ key })).code).toBe('NOT_FOUND');
  expect(await run('get', ...own)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Not Found') });
});

test.each([
  ['create --external-id u --ratelimit none', /^A new key has nothing to clear/],
  ['create --external-id u --expires 2020-01-01', /in the future\.\n/],
  ['create --external-id u --expires soon', /in the future\.\n/],
  ['create --external-id u --meta []', /must be a JSON object/],
  ['create --external-id u --byte-length 8', /from 16 to 64/],
  ['create --external-id u --enabled --disabled', /cannot be used with option/],
  ['update --key-id key_1', /^There is nothing to change/],
  ['update --key-id key_1 --scope a --scope none', /^--scope none clears the list/],
  ['reroll --key-id key_1 --overlap 1', /such as 30s/],
  ['import --file nowhere.csv', /^There is no file nowhere\.csv\.\n$/],
])('%s is refused with the exit code 2', async (command, sentence) => {
  const [verb = '', ...args] = command.split(' ');
  const own = ['create', 'import'].includes(verb) ? inApi : [];
  const { code, stdout, stderr } = await run(verb, ...own, ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(sentence);
});

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const madeElsewhere = () => `sk_${randomBytes(16).toString('hex')}`;

test('a CSV file is imported, and lines with mistakes fail alone', async () => {
  const [one, two] = [madeElsewhere(), madeElsewhere()];
  const file = join(directory, 'keys.csv');
  const rows = [
    'hash,start,externalId,name,enabled,expires,ratelimit,ipRanges',
    `${hashOf(one)},sk_one,imported_1,"One, first",true,2099-01-31,5/1m,192.0.2.0/24|::/0`,
    `nothing,sk_two,imported_1,Two,,,,`,
    `${hashOf(madeElsewhere())},sk_three,imported_2,Three,yes,,,`,
    `${hashOf(two)},sk_four,imported_2,,false,,,`,
  ];
  await writeFile(file, `\ufeff${rows.join('\r\n')}\r\n`);
  const first = await run('import', ...inApi, '--file', file, '--json');
  expect(first).toMatchObject({ code: 1, stderr: '' });
  expect(JSON.parse(first.stdout)).toEqual({
    ...{ created: 2, exists: 0, failed: 2 },
    failures: [
      { line: 4, message: 'enabled: must be true or false' },
      { line: 3, message: expect.stringMatching(/^hash must /) },
    ],
  });
  const [imported] = (await backend.apis.listKeys({ apiId, externalId: 'imported_1' })).data;
  expect(imported).toMatchObject({
    ...{ start: 'sk_one', name: 'One, first', enabled: true, expires: Date.parse('2099-01-31') },
    ...{ ratelimit: { limit: 5, duration: 60_000 }, ipRanges: ['192.0.2.0/24', '::/0'] },
  });
  expect((await backend.keys.verifyKey({ key: two })).code).toBe('DISABLED');
  const again = await run('import', ...inApi, '--file', file);
  expect(again).toMatchObject({ code: 1, stdout: 'created  0\nexists   2\nfailed   2\n' });
  expect(again.stderr).toMatch(/^line 4: enabled: must be true or false\nline 3: hash must .*\n$/);
});

test('a file of JSON lines is imported in several requests, and an unknown column is refused', async () => {
  const keys = Array.from({ length: 501 }, madeElsewhere);
  const lines = keys.map((key, i) =>
    JSON.stringify({ hash: hashOf(key), start: 'sk_many', externalId: `many_${i % 7}` }),
  );
  const file = join(directory, 'keys.jsonl');
  await writeFile(file, `${lines.slice(0, 3).join('\n')}\n\nnothing\n${lines.slice(3).join('\n')}`);
  const { code, stdout } = await run('import', ...inApi, '--file', file, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    created: 501,
    exists: 0,
    failed: 1,
    failures: [{ line: 5, message: 'is not JSON' }],
  });
  const last = keys.at(-1) ?? '';
  expect((await backend.keys.verifyKey({ key: last })).code).toBe('VALID');
  const unknown = join(directory, 'unknown.csv');
  await writeFile(unknown, 'hash,start,owner\n');
  expect(await run('import', ...inApi, '--file', unknown)).toMatchObject({
    ...{ code: 2, stdout: '' },
    stderr: expect.stringMatching(/^There is no column "owner"\. Use hash, start, externalId, /),
  });
});
