/** The sample programs send the right request. The test runs those that can run here. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KeyPlace } from './openapi.ts';
import { snippet, snippetLanguages } from './snippets.ts';

let server: Server;
let url: string;
let asked: IncomingMessage | undefined;

beforeAll(async () => {
  server = createServer((req, res) => {
    asked = req;
    res.end('{"ok":true}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/things?limit=2`;
});

afterAll(() => {
  server.close();
});

const key = 'acme_testKeyTestKeyTestKey';
const places: [KeyPlace, (req: IncomingMessage) => unknown, unknown][] = [
  [{ in: 'bearer' }, (req) => req.headers.authorization, `Bearer ${key}`],
  [{ in: 'header', name: 'X-Api-Key' }, (req) => req.headers['x-api-key'], key],
  [{ in: 'query', name: 'api_key' }, (req) => req.url, `/v1/things?limit=2&api_key=${key}`],
];

test.each(places)('TypeScript sends the key where the API expects it: %j', async (place, read, expected) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module-typescript', '-e', snippet('TypeScript', url, place)],
    { env: { ...process.env, API_KEY: key } },
  );
  expect(stdout).toBe('{ ok: true }\n');
  expect(asked && read(asked)).toBe(expected);
});

describe('the name of a header in a document cannot become code', () => {
  const hostile = (language: (typeof snippetLanguages)[number]) =>
    snippet(language, 'https://api.example.com/"$(id)`id`', { in: 'header', name: 'X"; `$(id)' });

  test.each(snippetLanguages)('in %s', (language) => {
    expect(hostile(language)).toContain('X\\"');
  });

  test('in the shell of curl', () => {
    expect(hostile('curl').replaceAll(/\\./g, '').replace('$API_KEY', '')).not.toMatch(/[`$]/);
  });
});
