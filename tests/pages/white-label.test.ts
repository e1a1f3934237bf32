/** A portal without `showPoweredBy` shows no name of ours, on any page. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CreateConfigurationRequest } from '../../generated/client/types.gen.ts';
import { languages } from '../../src/portal/messages/index.ts';
import { root } from '../../src/server/package.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';

let redis: LocalRedis;
let server: LocalServer;
let rootKey: string;
let workspaceId: string;
const ours = /portico/i;

beforeAll(async () => {
  redis = await startRedis();
  server = await startPatientServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url });
  ({ rootKey, workspaceId } = await operate<{ rootKey: string; workspaceId: string }>(
    ...([redis.url, 'workspace', 'create', '--name', 'Acme'] as const),
  ));
});

afterAll(async () => {
  await server?.stop();
  await redis?.stop();
});

async function call<Data>(operation: string, body: unknown): Promise<{ data: Data; headers: Headers }> {
  const response = await fetch(`${server.url}/v2/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${rootKey}` },
    body: JSON.stringify(body),
  });
  return { data: ((await response.json()) as { data: Data }).data, headers: response.headers };
}

/** What a browser gets of a page: its text with everything in it, and the names of its headers and cookies. */
async function textOf(path: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(server.url + path, { headers: { accept: 'text/html', ...headers }, redirect: 'manual' });
  return [...response.headers].map((pair) => pair.join(': ')).join('\n') + (await response.text());
}

/** Every page that a user of this portal can get, in one language. */
async function pagesOf(settings: CreateConfigurationRequest, language: string): Promise<Record<string, string>> {
  const accept = { 'accept-language': language };
  const { slug } = settings;
  await call('portal.createConfiguration', settings);
  const permissions = ['api.*.read_key', 'api.*.read_analytics', 'portal.*.read_account'];
  const session = { slug, externalId: 'user_1', permissions };
  const newId = async () => (await call<{ sessionId: string }>('portal.createSession', session)).data.sessionId;
  const sessionId = await newId();
  const enter = await textOf(`/?session=${sessionId}`, accept);
  const { headers } = await call('portal.exchangeSession', { sessionId });
  const cookie = headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const tabs: Record<string, string> = {};
  for (const path of ['/keys', '/analytics', '/documentation', '/account'])
    tabs[path] = await textOf(path, { ...accept, cookie });
  const app = await fetch(`${server.url}/keys`, { headers: { accept: 'text/html', cookie } });
  const last = app.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const usedLink = await textOf(`/?session=${sessionId}`, accept);
  const expired = await textOf('/keys', { ...accept, cookie: last });
  const signedOut = await textOf('/signed-out', { ...accept, cookie: last });
  const other = await call('portal.exchangeSession', { sessionId: await newId() });
  const otherCookie = other.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const several = await textOf('/keys', { ...accept, cookie: `${cookie}; ${otherCookie}` });
  await operate(
    ...([redis.url, 'portal', 'update', '--workspace', workspaceId, '--slug', slug, '--disabled', '--yes'] as const),
  );
  const disabled = await textOf('/keys', { ...accept, cookie: `${cookie}; ${last}` });
  const unknown = { never: await textOf('/', accept), notFound: await textOf('/nowhere', accept) };
  return { enter, ...tabs, usedLink, expired, signedOut, several, disabled, ...unknown };
}

test.each(Object.keys(languages))('no page in %s has it', async (language) => {
  const branding = {
    primaryColor: '#c2410c',
    font: 'inter' as const,
    title: 'Acme for developers',
    variables: [{ name: '--portico-ground' as const, light: '#fffaf0' }],
    links: [{ label: 'Terms', url: 'https://acme.example/terms' }],
  };
  const pages = await pagesOf({ slug: `acme-${language}`.toLowerCase(), name: 'Acme', branding }, language);
  for (const [name, text] of Object.entries(pages)) {
    expect([name, ours.exec(text)?.[0]]).toEqual([name, undefined]);
    expect([name, /<title>[^<]+<\/title>/.test(text)]).toEqual([name, true]);
  }
  expect(pages['/keys']).toContain('<title>Acme for developers</title>');
  expect(new Set(Object.values(pages)).size).toBe(Object.keys(pages).length);
});

test.each(Object.keys(languages) as (keyof typeof languages)[])(
  'only one text in %s has it, which is shown if the portal wants it',
  async (language) => {
    const found: string[] = [];
    const search = (value: unknown, path: string): void => {
      if (typeof value === 'string') {
        if (ours.test(value)) found.push(path);
      } else for (const [name, inner] of Object.entries(value as object)) search(inner, `${path}.${name}`);
    };
    search((await languages[language]()).default, language);
    expect(found).toEqual([`${language}.frame.poweredBy`]);
  },
);

test('no style and no name of a file has it', () => {
  const assets = join(root, 'dist/portal/assets');
  const names = readdirSync(assets);
  expect(names.filter((name) => ours.test(name))).toEqual([]);
  const styles = names.filter((name) => name.endsWith('.css'));
  expect(styles.length).toBeGreaterThan(0);
  expect(styles.filter((name) => ours.test(readFileSync(join(assets, name), 'utf8')))).toEqual([]);
});
