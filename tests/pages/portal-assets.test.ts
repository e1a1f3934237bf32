/** The static files of the portal. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';

let redis: LocalRedis;
let server: LocalServer;
const { script, style, imports } = JSON.parse(readFileSync('dist/portal/portal.json', 'utf8'));

beforeAll(async () => {
  redis = await startRedis();
  server = await startPatientServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url });
});
afterAll(async () => {
  await server?.stop();
  await redis?.stop();
});

/** Requests a path unchanged: fetch would normalize it. */
const get = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
    const sent = request({ port: server.port, host: '127.0.0.1', path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
  });

const files: string[] = [script, style, ...imports];

test.each(files)('%s has a content hash in its name and is cached for a year', async (name) => {
  expect(name).toMatch(/-[A-Z0-9]{8}\.(js|css)$/);
  const { status, headers } = await get(`/assets/${name}`);
  expect(status).toBe(200);
  expect(headers['cache-control']).toBe('public,max-age=31536000,immutable');
  expect(headers['content-type']).toMatch(name.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test.each([
  ['br', 'br', brotliDecompressSync],
  ['gzip, deflate, br', 'br', brotliDecompressSync],
  ['gzip', 'gzip', gunzipSync],
  ['identity', undefined, (body: Buffer) => body],
] as const)('a client that accepts %s gets the encoding %s', async (accepted, encoding, decode) => {
  const { headers, body } = await get(`/assets/${script}`, { 'accept-encoding': accepted });
  expect(headers['content-encoding']).toBe(encoding);
  // A cache must not send one encoding to a client that accepts only the other.
  expect(headers['vary']).toMatch(/Accept-Encoding/i);
  expect(decode(body).equals(readFileSync(`dist/portal/assets/${script}`))).toBe(true);
});

test.each([
  '/assets/main-00000000.js',
  '/assets/',
  '/assets',
  '/assets/../portal.json',
  '/assets/..%2fportal.json',
  '/assets/%2e%2e/portal.json',
  '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fpackage.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets//etc/passwd',
  '/assets/%00',
  '/assets/%',
])('%s returns 404 in the error envelope', async (path) => {
  const { status, headers, body } = await get(path, { accept: 'text/html' });
  expect(status).toBe(404);
  expect(headers['content-type']).toMatch(/^application\/json/);
  expect(headers['cache-control']).toBe('no-store');
  expect(JSON.parse(body.toString())).toMatchObject({
    meta: { requestId: expect.stringMatching(/^req_/) },
    error: { status: 404, type: 'https://unkey.com/docs/errors/user/bad_request/route_not_found' },
  });
});
