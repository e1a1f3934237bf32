/** The scripts of the guide that moves keys, as printed, from sources that respond as the documented ones do. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { Portico } from '../../clients/typescript/src/index.ts';
import { root } from '../../src/server/package.ts';
import { sharedServerTarget } from '../support/server-target.ts';
import { snippetsOf } from './snippets.ts';

const target = await sharedServerTarget();
const { rootKey } = await target.arrange('portal');
const backend = new Portico({ baseUrl: target.baseUrl, rootKey });

/** The scripts of the guide, by the names that their first imports and the text use. */
const names = ['import-keys.ts', 'from-table.ts', 'from-unkey.ts', 'from-kong.ts', 'from-aws.ts', 'verify.ts'];
const scripts = snippetsOf('docs/integrate/move-keys.md').filter(({ language }) => language === 'ts');

const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const keyOf = (name: string) => `${name}_${sha256(name).slice(0, 20)}`;

/** What the other systems respond. */
const pages: Record<string, (body: Record<string, unknown>) => unknown> = {
  '/v2/apis.listKeys': ({ cursor, decrypt }) => ({
    data:
      cursor === undefined
        ? [
            {
              keyId: 'key_1',
              start: 'unkey',
              enabled: true,
              name: 'One',
              identity: { externalId: 'u1' },
              ...(decrypt === true && { plaintext: keyOf('unkey') }),
            },
            { keyId: 'key_2', start: 'hash', enabled: true, identity: { externalId: 'u1' } },
          ]
        : [
            {
              keyId: 'key_3',
              start: 'unkeyoff',
              enabled: false,
              identity: { externalId: 'u2' },
              meta: { plan: 'pro' },
              plaintext: keyOf('unkeyoff'),
            },
          ],
    pagination: cursor === undefined ? { cursor: 'next', hasMore: true } : { hasMore: false },
  }),
  '/consumers?size=1000': () => ({
    data: [{ id: 'c1', custom_id: 'k1', username: 'one' }],
    next: '/consumers?offset=2',
  }),
  '/consumers?offset=2': () => ({ data: [{ id: 'c2', custom_id: null, username: 'two' }], next: null }),
  '/key-auths?size=1000': () => ({
    data: [
      { key: keyOf('kong'), consumer: { id: 'c1' }, ttl: null },
      { key: keyOf('kongtwo'), consumer: { id: 'c2' }, ttl: 3600 },
    ],
    next: null,
  }),
};

let old: Server;
let oldUrl: string;
let directory: string;
beforeAll(async () => {
  old = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const page = pages[String(request.url)];
    response.statusCode = page === undefined ? 404 : 200;
    response.end(JSON.stringify(page?.(JSON.parse(text || '{}')) ?? {}));
  });
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
  oldUrl = `http://127.0.0.1:${(old.address() as AddressInfo).port}`;
  directory = await mkdtemp(join(tmpdir(), 'portico-move-'));
  await Promise.all(scripts.map(({ code }, i) => writeFile(join(directory, String(names[i])), code)));
  // A program that verifies a key twice, as an API does while both systems run.
  await writeFile(
    join(directory, 'api.ts'),
    `import { verify } from './verify.ts';
for (const key of process.argv.slice(2)) {
  const asked: string[] = [];
  const { code, externalId } = await verify(key, async (one) => (asked.push(one), one.startsWith('first') ? 'f1' : undefined));
  console.log(code, externalId, asked.length);
}`,
  );
});
afterAll(async () => {
  old.close();
  await target.stop();
  await rm(directory, { recursive: true });
});

/** Bundles a script with the client and runs it for a new API. */
async function run(script: string, { args = [] as string[], input = '', apiId = '' } = {}) {
  const outfile = join(directory, script.replace('.ts', '.mjs'));
  const alias = { '@portico/client': join(root, 'clients/typescript/src/index.ts') };
  const entryPoints = [join(directory, script)];
  await build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node', alias, logLevel: 'error' });
  const own = { BASE_URL: target.baseUrl, ROOT_KEY: rootKey, API_ID: apiId };
  const others = { UNKEY_URL: oldUrl, UNKEY_ROOT_KEY: 'unkey_root', UNKEY_API_ID: 'api_old', KONG_ADMIN_URL: oldUrl };
  return new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    const options = { cwd: directory, env: { ...process.env, ...own, ...others } };
    const child = execFile(process.execPath, [outfile, ...args], options, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(new Error(stderr)),
    );
    child.stdin?.end(input);
  });
}
const newApi = async () => (await backend.apis.createApi({ name: 'Moved' })).apiId;
const verify = async (key: string, apiId: string) => {
  const { code, externalId } = await backend.keys.verifyKey({ key, apiId });
  return [code, externalId];
};

test('the guide has these scripts', () => {
  expect(scripts).toHaveLength(names.length);
  const imported = scripts.flatMap(({ code }) => [...code.matchAll(/from '\.\/(.*)'/g)].map(([, name]) => name));
  expect(new Set(imported)).toEqual(new Set(['import-keys.ts']));
});

test('from a table: more than one request, and each key that fails is named', async () => {
  const apiId = await newApi();
  const rows = Array.from({ length: 502 }, (_, i) => ({
    hash: sha256(keyOf(`table${i}`)),
    start: 'table',
    user: i,
    name: i === 7 ? ' ' : `Key ${i}`,
    revoked: i === 1,
  }));
  await writeFile(join(directory, 'keys.jsonl'), `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
  const { stdout, stderr } = await run('from-table.ts', { apiId });
  expect(JSON.parse(stdout)).toEqual({ created: 501, failed: 1 });
  expect(stderr).toMatch(/^table… of 7: body\.keys\[7\]\.name must have/);
  expect(await verify(keyOf('table501'), apiId)).toEqual(['VALID', '501']);
  expect(await verify(keyOf('table1'), apiId)).toEqual(['DISABLED', '1']);
  expect(JSON.parse((await run('from-table.ts', { apiId })).stdout)).toEqual({ exists: 501, failed: 1 });
});

test('from Unkey: the keys that it can show, on all pages', async () => {
  const apiId = await newApi();
  const { stdout, stderr } = await run('from-unkey.ts', { apiId });
  expect(JSON.parse(stdout)).toEqual({ created: 2 });
  expect(stderr).toBe('hash… moves at its first use: it is not recoverable\n');
  expect(await verify(keyOf('unkey'), apiId)).toEqual(['VALID', 'u1']);
  expect(await verify(keyOf('unkeyoff'), apiId)).toEqual(['DISABLED', 'u2']);
});

test('from Kong: all keys with their users', async () => {
  const apiId = await newApi();
  expect(JSON.parse((await run('from-kong.ts', { apiId })).stdout)).toEqual({ created: 2 });
  expect(await verify(keyOf('kong'), apiId)).toEqual(['VALID', 'k1']);
  expect(await verify(keyOf('kongtwo'), apiId)).toEqual(['VALID', 'two']);
});

test('from AWS API Gateway: the output of its command line', async () => {
  const apiId = await newApi();
  const items = [
    { id: '1', value: keyOf('aws'), name: 'acme', customerId: 'a1', enabled: true },
    { id: '2', value: keyOf('awsoff'), name: 'by name', enabled: false },
  ];
  expect(JSON.parse((await run('from-aws.ts', { apiId, input: JSON.stringify({ items }) })).stdout)).toEqual({
    created: 2,
  });
  expect(await verify(keyOf('aws'), apiId)).toEqual(['VALID', 'a1']);
  expect(await verify(keyOf('awsoff'), apiId)).toEqual(['DISABLED', 'by name']);
});

test('at its first use: the old system is asked once, and only for keys that Portico does not know', async () => {
  const apiId = await newApi();
  const [known, unknown] = [keyOf('first'), keyOf('never')];
  const { stdout } = await run('api.ts', { apiId, args: [known, known, unknown] });
  expect(stdout.trim().split('\n')).toEqual(['VALID f1 1', 'VALID f1 0', 'NOT_FOUND undefined 1']);
});
