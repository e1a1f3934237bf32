/** Reading a body over a real socket: every limit at its bound and one beyond, on the quick way and on the usual one. */
import { createServer, request as httpRequest, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { bodyLimits } from '../../../../generated/operations.ts';
import type { Problem } from '../../problem.ts';
import { readBody } from './json-body.ts';

/** What parsing a body returns or throws. */
function outcomeOf(parse: () => unknown): (typeof outcomes)[number] {
  try {
    return { body: parse() };
  } catch (error) {
    const { code, failures } = error as Problem;
    return {
      code: code?.split('/').at(-1),
      message: failures?.[0]?.message,
      locations: failures?.map(({ location }) => location),
    };
  }
}

let server: Server;
let port: number;
let outcomes: {
  code?: string | undefined;
  message?: string | undefined;
  locations?: string[] | undefined;
  body?: unknown;
}[] = [];
beforeAll(async () => {
  const app = express();
  app.use(async (req, res) => {
    const parse = await readBody(req, res, bodyLimits);
    const outcome = outcomeOf(parse);
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
/** JSON of exactly this many bytes. */
const jsonOf = (bytes: number) => `"x"${' '.repeat(bytes - 3)}`;
const usual = { 'content-type': 'application/json; charset=utf-8' };
const chunked = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
/** The response to a body that is refused as a whole, or in these places. */
const refused = (message: string, ...locations: string[]) => ({
  code: 'invalid_input',
  message,
  locations: locations.length > 0 ? locations : ['body'],
});
const notJson = refused('is not well-formed JSON');
const notUtf8 = refused('is not valid UTF-8');
const halfPair = 'has half a surrogate pair';
const inexact = 'is a number that a double cannot hold exactly';

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
    expect(await send(jsonOf(limit), headers)).toEqual({ body: 'x' });
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
      expect(await send(`{"a":["",{"b":"${half}"}]}`, headers)).toEqual(refused(halfPair, 'body.a[1].b'));
      expect(await send(`{"a":{"${half}":1}}`, headers)).toEqual(refused(halfPair, 'body.a'));
      expect(await send(`{"${half}":{"b":1e400}}`, headers)).toEqual(refused(halfPair));
      expect(await send(`"${half}"`, headers)).toEqual(refused(halfPair));
    },
  );

  test('with a whole surrogate pair is read', async () => {
    expect(await send('{"\\ud83d\\ude00":"\\uD83D\\uDE00"}', headers)).toEqual({ body: { '😀': '😀' } });
    expect(await send('"\\ue000\\ud7ff"', headers)).toEqual({ body: '\ue000\ud7ff' });
    // The escape of a backslash, and no escape.
    expect(await send('["\\\\ud800","😀"]', headers)).toEqual({ body: ['\\ud800', '😀'] });
  });
});

describe.each([
  ['plain', {}],
  ['with a charset', usual],
  ['in chunks', chunked],
])('a body %s', (_, headers) => {
  test.each([
    ['Latin-1', [0xe9]],
    ['other Latin-1', [0xe8]],
    ['half a character', [0xc3]],
    ['an overlong character', [0xc0, 0x80]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
  ])('with %s is not UTF-8', async (_name, bytes) => {
    const body = Buffer.concat([Buffer.from('{"a":"jos'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(await send(body, headers)).toEqual(notUtf8);
  });

  test('in another encoding of Unicode is refused', async () => {
    expect(await send(Buffer.from('\uFEFF{"a":1}', 'utf16le'), headers)).toEqual(notUtf8);
    expect(await send(Buffer.from('{"a":1}', 'utf16le'), headers)).toEqual(notJson);
  });

  test.each(['12345678901234567890', '-1e400', '1E-400', '0.1000000000000000055'])(
    'with a number that would change is refused, with its location: %s',
    async (number) => {
      expect(await send(`{"meta":{"a":[1,${number}]},"b":${number}}`, headers)).toEqual(
        refused(inexact, 'body.meta.a[1]', 'body.b'),
      );
      expect(await send(number, headers)).toEqual(refused(inexact));
    },
  );

  test('with numbers in any spelling of the same value is read', async () => {
    const text = '[1.0,10.00,1e3,9007199254740992,1.7976931348623157e308,5e-324,"12345678901234567890",-0.0]';
    const value = [1, 10, 1000, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE, '12345678901234567890', 0];
    expect(await send(text, headers)).toEqual({ body: value });
  });
});

test('a location is redacted, at most 256 characters long, and well-formed', async () => {
  const secret = 'x'.repeat(22);
  expect(await send(`{"${secret}":1e400}`)).toEqual(refused(inexact, 'body.[redacted]'));
  const { locations } = await send(`{"x${'😀-'.repeat(200)}":1e400}`);
  expect(locations).toEqual([`body.x${'😀-'.repeat(83)}\ufffd`]);
});

test('at most 20 failures are listed, in the order of the body', async () => {
  const { locations } = await send(`[${Array(21).fill('1e400').join()}]`);
  expect(locations).toEqual(Array.from({ length: 20 }, (_, i) => `body[${i}]`));
});

test('a deep body with an unusual number ends in a failure, not in a crash', async () => {
  const deep = (levels: number) => `${'['.repeat(levels)}1e400${']'.repeat(levels)}`;
  expect(await send(deep(2))).toEqual(refused(inexact, 'body[0][0]'));
  expect(await send(deep(31))).toEqual(refused(inexact, `body${'[0]'.repeat(31)}`));
  expect(await send(deep(51_000))).toEqual(refused('is nested too deeply', `body${'[0]'.repeat(32)}`));
});

test('a body of no chunks is no JSON', async () => {
  expect(await send('', chunked)).toEqual(notJson);
});

test.each(['utf-8', 'UTF-8', '"utf-8"', 'utf-8; charset=latin1'])('the charset %s is that of JSON', async (charset) => {
  expect(await send('{"a":1}', { 'content-type': `Application/JSON; a=b; charset=${charset}` })).toEqual({
    body: { a: 1 },
  });
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
  expect(await send('{"a":1}', headers)).toEqual(refused('could not be decompressed'));
});

test('another content encoding is an unsupported media type', async () => {
  expect(await send('{"a":1}', { 'content-encoding': 'rot13' })).toEqual({ code: 'unsupported_media_type' });
});

test.each(['latin1', 'utf-16', 'utf-32', 'us-ascii', 'utf8', '""'])(
  'the charset %s is an unsupported media type',
  async (charset) => {
    const headers = { 'content-type': `application/json; charset=${charset}` };
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
  expect(outcomes).toEqual([refused('could not be read')]);
});
