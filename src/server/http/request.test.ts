import { expect, jest, test } from '@jest/globals';
import express, { type Request, type Response } from 'express';
import supertest from 'supertest';
import {
  assignRequestId,
  readForwardedFor,
  redirectTo,
  requestIdOf,
  routeNotFound,
  wantsHtml,
  warnOfProxy,
} from './request.ts';

const none = {} as Response;

test('each request gets its own id', () => {
  const ids = [1, 2].map(() => {
    const res = { locals: {} } as Response;
    const next = jest.fn();
    assignRequestId({} as Request, res, next);
    expect(next).toHaveBeenCalledTimes(1);
    return requestIdOf(res);
  });
  for (const id of ids) expect(id).toMatch(/^req_/);
  expect(ids[0]).not.toBe(ids[1]);
});

test('the last handler refuses every path', () => {
  expect(() => routeNotFound({} as Request, none, () => {})).toThrow(
    expect.objectContaining({ code: 'user/bad_request/route_not_found' }),
  );
});

test.each([
  ['text/html', true],
  ['application/xhtml+xml, text/html;q=0.9', true],
  ['*/*', false],
  ['text/*', false],
  [undefined, false],
])('a client that accepts %s wants HTML: %s', (accept, wanted) => {
  expect(wantsHtml({ headers: { accept } } as Request)).toBe(wanted);
});

test.each([
  ['https://app.example/cb?next=%2Fa%20b&sig=x~y%2Bz*\'()&e=|^`{}"<>100%#/tab', undefined],
  ['https://app.example/é?ü=ß 😀#\n', 'https://app.example/%C3%A9?%C3%BC=%C3%9F%20%F0%9F%98%80#%0A'],
  ['https://app.example/\ud800', 'https://app.example/%EF%BF%BD'],
])('a redirect to %j leads exactly there, as a header can say it', (url, encoded) => {
  const sent: unknown[] = [];
  const record = (...args: unknown[]) => {
    sent.push(args);
    return res;
  };
  const res = { status: record, set: record, end: record } as unknown as Response;
  redirectTo(res, url);
  expect(sent).toEqual([['Cache-Control', 'no-store'], [302], ['Location', encoded ?? url], []]);
});

/** The client's address according to Express, which trusts these proxies. */
async function clientOf(forwardedFor: string, trusted: number | string[]): Promise<string> {
  const app = express().set('trust proxy', trusted).use(readForwardedFor);
  app.use((req, res) => {
    res.send(req.ip);
  });
  return (await supertest(app).get('/').set('X-Forwarded-For', forwardedFor)).text;
}

test.each<[sent: string, trusted: number | string[], client: string]>([
  ['203.0.113.7:50007', 1, '203.0.113.7'],
  ['198.51.100.1, 203.0.113.7:50007', 1, '203.0.113.7'],
  ['203.0.113.7:50007, 10.0.0.1:443', 2, '203.0.113.7'],
  // A proxy with a port is still one of the trusted proxies.
  ['198.51.100.1, 203.0.113.7:50007, 10.0.0.1:443', ['loopback', '10.0.0.0/8'], '203.0.113.7'],
  ['[2001:db8::1]:443, [fd00::1]:443', ['loopback', 'fd00::/8'], '2001:db8::1'],
  ['::ffff:203.0.113.7', 1, '203.0.113.7'],
  // An entry that is no address counts too.
  ['203.0.113.7, unknown', 1, 'unknown'],
])('X-Forwarded-For: %s, with %j trusted, is from %s', async (sent, trusted, client) => {
  expect(await clientOf(sent, trusted)).toBe(client);
});

test('a proxy that the settings do not name is reported once', () => {
  const warn = jest.fn();
  const handler = warnOfProxy({ warn });
  const next = jest.fn();
  for (const headers of [{}, { 'x-forwarded-for': '192.0.2.1' }, { 'x-forwarded-for': '192.0.2.2' }])
    handler({ headers } as unknown as Request, none, next);
  expect(next).toHaveBeenCalledTimes(3);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('TRUST_PROXY'));
});
