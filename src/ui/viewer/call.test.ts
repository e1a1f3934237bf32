import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { leastCpuMs } from '../least-cpu.ts';
import type { ApiRequest } from '../openapi/request.ts';
import { callApi, fetchable, reachesOwnOrigin } from './call.ts';

const https = 'https://portal.acme.example/documentation';
const http = 'http://localhost:3000/documentation';

test.each([
  [https, '/v2/portal.createKey'],
  [https, 'v2/portal.createKey'],
  [https, ''],
  [https, '?a'],
  [https, '//portal.acme.example/v2'],
  [https, '\\\\portal.acme.example\\v2'],
  [https, 'https:/v2/portal.createKey'],
  [https, 'https:v2'],
  [https, 'https:///portal.acme.example/v2'],
  [https, 'https://portal.acme.example/v2'],
  [https, 'https://portal.acme.example:443'],
  [https, 'HTTPS://Portal.ACME.example/v2'],
  [https, '  https://portal.acme.example/v2\n'],
  [https, 'ht\ntps://portal.acme.\texample/v2'],
  [https, 'https://portal.acme.example./v2'],
  [https, 'https://portal.acme.example../v2'],
  [https, 'https://user:secret@portal.acme.example/v2'],
  [https, 'https://api.acme.example@portal.acme.example/v2'],
  [https, 'https://portal.acme.example\\@api.acme.example/v2'],
  [https, 'https://ｐortal.acme。example/v2'],
  [https, 'https://%70ortal.acme.example/v2'],
  [https, 'https://portal.ac\u00adme.example/v2'],
  // `upgrade-insecure-requests` makes these https.
  [https, 'http://portal.acme.example/v2'],
  [https, 'http://portal.acme.example:80/v2'],
  [https, 'http://portal.acme.example:443/v2'],
  [http, 'http://LOCALHOST:3000/v2'],
  [http, 'http://localhost.:3000/v2'],
  ['http://127.0.0.1:3000/', 'http://2130706433:3000/'],
  ['http://127.0.0.1:3000/', 'http://0x7f.1:3000/'],
  ['http://[::1]:3000/', 'http://[0:0:0:0:0:0:0:1]:3000/'],
])('on %s, %j is the own origin', (page, address) => {
  expect(reachesOwnOrigin(address, page)).toBe(true);
});

test.each([
  [https, 'https://api.acme.example/v2'],
  [https, 'https://portal.acme.example:8443/v2'],
  [https, 'https://portal.acme.example.evil.example/v2'],
  [https, 'https://portal.acme.example@api.acme.example/v2'],
  [http, 'http://localhost:4000/v2'],
  [http, 'http://localhost/v2'],
])('on %s, %j is another origin', (page, address) => {
  expect(reachesOwnOrigin(address, page)).toBe(false);
});

test.each([
  'blob:https://portal.acme.example/1',
  'data:,x',
  'file:///etc/passwd',
  'ftp://a.example',
  'https://[',
  'x:y',
])('%j is no address of an API', (address) => {
  expect(() => reachesOwnOrigin(address, https)).toThrow('notHttp');
});

describe('a request', () => {
  const sent = jest.fn<typeof fetch>(async () => new Response());
  const globals = globalThis as { document?: unknown; fetch: typeof fetch };
  const { fetch: original } = globals;
  const onPage = (baseURI: string) => {
    globals.document = { baseURI };
    globals.fetch = sent;
  };
  afterEach(() => {
    delete globals.document;
    globals.fetch = original;
    sent.mockClear();
  });

  test('goes without cookies and follows no redirect, even if the viewer asks for more', async () => {
    onPage(https);
    const request = { url: 'https://api.acme.example/v1', method: 'PUT', headers: { a: '1' }, body: 'x' };
    const asked = { ...request, credentials: 'include', redirect: 'follow', mode: 'no-cors', keepalive: true };
    await callApi(asked.url, asked as RequestInit);
    const { url, ...rest } = request;
    const always = { credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer' };
    expect(sent.mock.calls).toMatchObject([[url, { ...rest, ...always }]]);
  });

  test('is not sent to the own origin, nor to what is no address of an API', async () => {
    onPage(https);
    await expect(callApi('/v2/portal.createKey', {})).rejects.toThrow('ownOrigin');
    await expect(callApi('data:,x', {})).rejects.toThrow('notHttp');
    expect(sent).not.toHaveBeenCalled();
  });
});

test('the secrets are filled in where they belong, and nowhere else', () => {
  const request: ApiRequest = {
    method: 'POST',
    url: 'https://api.acme.example/v1?a=1',
    secretQuery: [['k&', [{ secret: 'KEY' }]]],
    headers: [
      ['Authorization', ['Basic ', { base64: [{ secret: 'USER' }, ':', { secret: 'KEY' }] }]],
      ['Cookie', ['sid=', { secret: 'KEY' }]],
    ],
    body: { kind: 'text', text: '$KEY' },
  };
  const { url, init } = fetchable(request, { USER: 'jos\u00e9', KEY: 'a&b' }, {});
  expect([url, init.body]).toEqual(['https://api.acme.example/v1?a=1&k%26=a%26b', '$KEY']);
  // A page cannot send cookies of another origin.
  const encoded = Buffer.from('jos\u00e9:a&b').toString('base64');
  expect([...(init.headers as Headers)]).toEqual([['authorization', `Basic ${encoded}`]]);
  expect(fetchable({ ...request, method: 'GET' }, {}, {}).init).not.toHaveProperty('body');
});

test('an address takes time in proportion to its length', () => {
  const address = `https://a${'.'.repeat(60_000)}b/`;
  // A quadratic expression takes seconds.
  expect(leastCpuMs(() => reachesOwnOrigin(address, 'https://portal.example/'))).toBeLessThan(300);
});
