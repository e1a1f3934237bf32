/** Portals at hosts of their own: links, sessions, cookies, policies and pages follow the host, and other hosts are refused. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';
import { startTargetRedis, type TargetRedis } from '../support/target-redis.ts';

let redis: TargetRedis;
let server: LocalServer;
let rootKey: string;
const base = 'portal.acme.example';
const [hostA, hostB] = ['keys.a.example', 'keys.b.example'];
const permissions = ['api.*.read_key'];

beforeAll(async () => {
  redis = await startTargetRedis();
  server = await startPatientServer({
    ...{ PORT: '0', HOST: '127.0.0.1', ...redis.env },
    PORTAL_BASE_URL: `https://${base}:8443`,
  });
  ({ rootKey } = await operate<{ rootKey: string }>(redis.env, 'workspace', 'create', '--name', 'Acme'));
  const branding = { primaryColor: '#c2410c', title: 'A keys' };
  await call('portal.createConfiguration', { slug: 'aaa', hostname: hostA, returnUrl: 'https://a.example', branding });
  await call('portal.createConfiguration', { slug: 'bbb', hostname: hostB });
  await call('portal.createConfiguration', { slug: 'plain' });
});

afterAll(async () => {
  await server?.stop();
  await redis?.stop();
});

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  json: { data?: Record<string, string>; error?: { type: string } };
}

/** Sends a request to the server with any `Host`, which fetch does not allow. */
const send = (method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const req = request(server.url + path, { method, headers }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('end', () => {
        const json = text.startsWith('{') ? JSON.parse(text) : {};
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text, json });
      });
    });
    req.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });

const call = (operation: string, body: unknown, headers: Record<string, string> = {}) =>
  send(
    'POST',
    `/v2/${operation}`,
    { 'content-type': 'application/json', authorization: `Bearer ${rootKey}`, ...headers },
    body,
  );
const page = (path: string, host: string, headers: Record<string, string> = {}) =>
  send('GET', path, { host, accept: 'text/html', ...headers });
const newLink = async (slug: string) => {
  const { json } = await call('portal.createSession', { slug, externalId: 'user_1', permissions });
  return { url: String(json.data?.['url']), sessionId: String(json.data?.['sessionId']) };
};
const exchange = (sessionId: string, host: string, headers: Record<string, string> = {}) =>
  send('POST', '/v2/portal.exchangeSession', { 'content-type': 'application/json', host, ...headers }, { sessionId });
const signIn = async (slug: string, host: string) => {
  const { headers, json } = await exchange((await newLink(slug)).sessionId, host);
  return { token: String(json.data?.['token']), cookie: String(headers['set-cookie']?.[0]) };
};
const getSession = (token: string, host: string, headers: Record<string, string> = {}) =>
  send('POST', '/v2/portal.getSession', { authorization: `Bearer ${token}`, host, ...headers });
const codeOf = ({ status, json }: Reply) => `${status} ${json.error?.type.split('/').at(-1) ?? 'ok'}`;

test('a link leads to the host of its portal, with the scheme and the port of the server', async () => {
  expect((await newLink('aaa')).url).toMatch(/^https:\/\/keys\.a\.example:8443\/\?session=pst_/);
  expect((await newLink('plain')).url).toMatch(/^https:\/\/portal\.acme\.example:8443\/\?session=pst_/);
});

test.each([
  ['aaa', hostA, true],
  ['aaa', `${hostA.toUpperCase()}:8443`, true],
  ['aaa', hostB, false],
  ['aaa', base, false],
  ['aaa', 'unknown.example', false],
  ['plain', base, true],
  ['plain', '127.0.0.1', true],
  ['plain', 'proxy.internal.example', true],
  ['plain', hostA, false],
])('a session of %s at the host %s is usable: %s', async (slug, host, isUsable) => {
  const { sessionId } = await newLink(slug);
  const right = slug === 'aaa' ? hostA : base;
  expect(codeOf(await exchange(sessionId, host))).toBe(isUsable ? '200 ok' : '403 wrong_host');
  // A refused exchange spends nothing.
  expect(codeOf(await exchange(sessionId, right))).toBe(isUsable ? '401 portal_session_not_found' : '200 ok');
  const { token } = await signIn(slug, right);
  expect(codeOf(await getSession(token, host))).toBe(isUsable ? '200 ok' : '403 wrong_host');
});

test('a link that is opened at another host is refused with a page, and stays valid', async () => {
  const { sessionId } = await newLink('aaa');
  const refused = await page(`/?session=${sessionId}`, hostB);
  expect(refused.status).toBe(403);
  expect(refused.body).toContain('Open the portal from your app');
  expect(refused.body).not.toContain('A keys');
  const opened = await page(`/?session=${sessionId}`, hostA);
  expect(opened.status).toBe(200);
  expect(opened.body).toContain('<title>A keys</title>');
  expect(codeOf(await exchange(sessionId, hostA))).toBe('200 ok');
});

test('the cookie belongs to the host, and its policy names the host', async () => {
  const { cookie } = await signIn('aaa', hostA);
  expect(cookie).toMatch(/^__Host-portal_session=ps_/);
  expect(cookie).not.toMatch(/domain/i);
  const pair = cookie.split(';')[0] ?? '';
  expect((await page('/keys', hostA, { cookie: pair })).status).toBe(200);
  expect((await page('/keys', hostB, { cookie: pair })).status).toBe(403);
  const docs = await page('/documentation', hostA, { cookie: pair });
  const policy = String(docs.headers['content-security-policy']);
  expect(policy).toContain(`connect-src https://${hostA}:8443/v2/portal.getSession`);
  expect(policy).not.toContain(base);
});

test('pages of the host may call it, and those of the server and of other portals may not', async () => {
  const { token } = await signIn('aaa', hostA);
  const from = async (origin: string, site: string) =>
    codeOf(await getSession(token, hostA, { origin, 'sec-fetch-site': site }));
  expect(await from(`https://${hostA}:8443`, 'same-origin')).toBe('200 ok');
  expect(await from(`https://${base}:8443`, 'cross-site')).toBe('403 foreign_origin');
  expect(await from(`https://${hostB}:8443`, 'cross-site')).toBe('403 foreign_origin');
});

test('a page without a session has the look of the portal of its host', async () => {
  for (const path of ['/', '/nowhere']) {
    const { body } = await page(path, hostA);
    expect(body).toContain('#c2410c');
    expect((await page(path, base)).body).not.toContain('#c2410c');
    expect((await page(path, 'unknown.example')).body).not.toContain('#c2410c');
  }
  expect((await page('/', hostA)).body).toContain('https://a.example');
});

test('the documentation of the server is at the host of the server only', async () => {
  for (const path of ['/docs', '/openapi.yaml', '/llms.txt', '/sitemap.xml']) {
    expect([path, (await page(path, base)).status]).toEqual([path, 200]);
    expect([path, (await page(path, hostA)).status]).toEqual([path, 404]);
  }
});

test.each([
  [hostA, 204],
  [`${hostA.toUpperCase()}.`, 204],
  [base, 204],
  ['unknown.example', 404],
  ['127.0.0.1', 404],
  ['', 404],
  ['a b', 404],
])('a proxy asks for a certificate of %j: %d', async (domain, status) => {
  expect((await send('GET', `/portal-host?domain=${encodeURIComponent(domain)}`, {})).status).toBe(status);
});

test('a root key works at every host', async () => {
  for (const host of [base, hostA, 'unknown.example'])
    expect(codeOf(await call('portal.listConfigurations', {}, { host }))).toBe('200 ok');
});
