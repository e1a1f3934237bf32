/** Reading a body over a real socket: every limit at its bound and one beyond, on the quick way and on the usual one. */
import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import type { Problem } from '../../problem.ts';
import { readJsonBody } from './json-body.ts';

let server: Server;
let port: number;
let outcomes: { code?: string | undefined; message?: string | undefined; body?: unknown }[] = [];
beforeAll(async () => {
  const app = express();
  app.use(async (req, res) => {
    const outcome = await readJsonBody(req, res).then(
      () => ({ body: req.body }),
      (error: Problem) => ({ code: error.code?.split('/').at(-1), message: error.failures?.[0]?.message }),
    );
    outcomes.push(outcome);
    // Listeners that stay keep the request in memory.
    expect(['data', 'end'].map((event) => req.listenerCount(event))).toEqual([0, 0]);
    res.json(outcome);
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** Sends a body, by default as nearly every client does: as JSON of known length. */
function send(
  body: string | Buffer,
  headers: Record<string, string | undefined> = {},
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers };
    const given = Object.fromEntries(
      Object.entries(all).filter(([, value]) => value !== undefined),
    ) as NodeJS.Dict<string>;
    const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers: given }, async (response) => {
      const chunks = await response.toArray();
      resolve(JSON.parse(Buffer.concat(chunks).toString()));
    });
    sent.on('error', reject).end(body);
  });
}

const limit = 100 * 1024;
/** A JSON string of exactly this many bytes. */
const jsonOf = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
const usual = { 'content-type': 'application/json; charset=utf-8' };
const chunked = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
const notJson = { code: 'invalid_input', message: 'is not well-formed JSON' };

describe.each([
  ['plain', {}],
  ['with a charset', usual],
  ['in chunks', chunked],
])('a body %s', (_, headers) => {
  test('is read', async () => {
    expect(await send('{"a":["é€😀"]}', headers)).toEqual({ body: { a: ['é€😀'] } });
    expect(await send('null', headers)).toEqual({ body: null });
  });

  test('of exactly 100 kB is read, and of one byte more is refused', async () => {
    expect(await send(jsonOf(limit), headers)).toEqual({ body: 'x'.repeat(limit - 2) });
    expect(await send(jsonOf(limit + 1), headers)).toEqual({ code: 'request_body_too_large' });
  });

  test('can begin with a byte order mark', async () => {
    expect(await send('\uFEFF{"a":1}', headers)).toEqual({ body: { a: 1 } });
  });

  test.each(['{', ' ', '{"a":1}x', '\uFEFF\uFEFF1', "{'a':1}"])('that is no JSON is refused: %j', async (text) => {
    expect(await send(text, headers)).toEqual(notJson);
  });

  test.each(['\\ud83d', '\\uDE00', '\\uD83D\\uD83D', 'a\\udbffb', '\\uDFFF'])(
    'with half a surrogate pair is refused, as a value and as a name: %s',
    async (half) => {
      expect(await send(`{"a":["${half}"]}`, headers)).toEqual(notJson);
      expect(await send(`{"${half}":1}`, headers)).toEqual(notJson);
    },
  );

  test('with a whole surrogate pair is read', async () => {
    expect(await send('{"\\ud83d\\ude00":"\\uD83D\\uDE00"}', headers)).toEqual({ body: { '😀': '😀' } });
    expect(await send('"\\ue000\\ud7ff"', headers)).toEqual({ body: '\ue000\ud7ff' });
    // The escape of a backslash, and no escape.
    expect(await send('["\\\\ud800","😀"]', headers)).toEqual({ body: ['\\ud800', '😀'] });
  });
});

test('a body of no chunks is no JSON', async () => {
  expect(await send('', chunked)).toEqual(notJson);
});

test('no body is none, and its type does not matter', async () => {
  expect(await send('')).toEqual({});
  expect(await send('', { 'content-type': 'text/plain' })).toEqual({});
  expect(await send('', { 'content-length': undefined, 'content-type': undefined })).toEqual({});
});

test.each(['text/plain', 'application/jsonp', 'application/x-www-form-urlencoded', undefined])(
  'the content type %s is refused',
  async (type) => {
    expect(await send('{}', { 'content-type': type })).toEqual({ code: 'unsupported_media_type' });
  },
);

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
])('%s: the limit counts after decompression, and what is not compressed is refused', async (coding, compress) => {
  const headers = { 'content-encoding': coding };
  expect(await send(compress('{"a":1}'), headers)).toEqual({ body: { a: 1 } });
  expect(await send(compress(jsonOf(limit)), headers)).toMatchObject({ body: expect.any(String) });
  expect(await send(compress(jsonOf(limit + 1)), headers)).toEqual({ code: 'request_body_too_large' });
  expect(await send('{"a":1}', headers)).toEqual({ code: 'invalid_input', message: 'could not be decompressed' });
});

test.each([[{ 'content-encoding': 'rot13' }], [{ 'content-type': 'application/json; charset=latin1' }]])(
  '%j is an unsupported media type',
  async (headers) => {
    expect(await send('{"a":1}', headers)).toEqual({ code: 'unsupported_media_type' });
  },
);

test.each([
  ['plain', 'application/json'],
  ['with a charset', 'application/json; charset=utf-8'],
])('a body %s that is cut short is not well-formed, and leaves no listener', async (_, type) => {
  outcomes = [];
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: 10\r\n\r\n{"a":`);
  // The server has read the beginning once it has responded to a later request.
  await send('1');
  outcomes = [];
  socket.destroy();
  while (outcomes.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(outcomes).toEqual([{ code: 'invalid_input', message: 'could not be read' }]);
});
