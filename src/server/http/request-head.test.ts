import { expect, jest, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { Problem } from '../problem.ts';
import { isAuthority, readHead, targetOf } from './request-head.ts';

/** A request with these header lines, as Node reads it: of two Host headers it drops the second. */
function requestOf(lines: [name: string, value: string][], { httpVersion = '1.1', url = '/' } = {}): Request {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) headers[name.toLowerCase()] ??= value;
  return { httpVersion, url, originalUrl: url, headers, rawHeaders: lines.flat() } as unknown as Request;
}

/** The locations that are refused, or the target that passes, with the headers of the response. */
function outcomeOf(req: Request) {
  const next = jest.fn();
  const set = jest.fn();
  try {
    readHead(req, { set } as unknown as Response, next);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'unkey/application/invalid_input') throw error;
    return { refused: error.failures?.map(({ location }) => location), headers: set.mock.calls };
  }
  return { target: next.mock.calls.length === 1 && req.originalUrl === req.url && req.url, headers: set.mock.calls };
}

const host: [string, string] = ['Host', 'portal.acme.example'];

test.each([
  ['Host', 'other.example'],
  ['host', 'portal.acme.example'],
  ['Authorization', 'Bearer b'],
  ['AUTHORIZATION', 'Bearer a'],
  ['Idempotency-Key', 'b'],
  ['Content-Type', 'text/plain'],
  ['Content-Length', '2'],
  ['Origin', 'https://evil.example'],
  ['Sec-Fetch-Site', 'same-origin'],
  ['User-Agent', 'b'],
  ['Access-Control-Request-Method', 'GET'],
  ['If-Modified-Since', 'b'],
])('a second %s is refused', (name, second) => {
  const first: [string, string][] = name.toLowerCase() === 'host' ? [host] : [host, [name.toLowerCase(), 'a']];
  expect(outcomeOf(requestOf([...first, [name, second]]))).toEqual({
    refused: [`headers.${name.toLowerCase()}`],
    headers: [],
  });
});

test.each(['Accept', 'Accept-Language', 'Cookie', 'X-Forwarded-For', 'If-None-Match', 'X-Request-Start'])(
  '%s may come in several lines',
  (name) => {
    expect(outcomeOf(requestOf([host, [name, 'a'], [name, 'b']]))).toEqual({ target: '/', headers: [] });
  },
);

test('all that is wrong is listed', () => {
  const lines: [string, string][] = [
    ['Authorization', 'a'],
    ['Authorization', 'b'],
    ['Transfer-Encoding', 'gzip'],
  ];
  expect(outcomeOf(requestOf(lines)).refused).toEqual([
    'headers.authorization',
    'headers.host',
    'headers.transfer-encoding',
  ]);
});

test.each([
  ['1.1', 'Chunked', undefined],
  ['1.1', 'gzip, chunked', ['headers.transfer-encoding']],
  ['1.1', 'gzip', ['headers.transfer-encoding']],
  ['1.0', 'chunked', ['headers.transfer-encoding']],
])('HTTP/%s with Transfer-Encoding %s', (httpVersion, coding, refused) => {
  const outcome = outcomeOf(requestOf([host, ['Transfer-Encoding', coding]], { httpVersion }));
  expect(outcome).toEqual(
    refused === undefined ? { target: '/', headers: [] } : { refused, headers: [['Connection', 'close']] },
  );
});

test.each([
  ['1.1', ['headers.host']],
  ['1.0', undefined],
  ['0.9', ['request']],
  ['2.0', ['request']],
])('HTTP/%s without a Host header', (httpVersion, refused) => {
  expect(outcomeOf(requestOf([], { httpVersion })).refused).toEqual(refused);
});

test.each([
  'portal.acme.example',
  'PORTAL.acme.example.',
  'localhost:3000',
  'my_service',
  '192.0.2.1:65535',
  '[::1]',
  '[2001:db8::1]:443',
  'a:',
])('%s is a host', (text) => {
  expect(isAuthority(text)).toBe(true);
});

test.each([
  '',
  ':80',
  'a b',
  'a,b',
  'a, b',
  'user@a',
  'user:password@a',
  'a/',
  'a?b',
  'a#b',
  'a\\b',
  'a:b',
  'a:65536',
  'a:-1',
  'a:1:2',
  '::1',
  '[::1',
  '::1]',
  '[::g]',
  '[fe80::1%eth0]',
  '[]',
  '[::1]a',
  'a%00',
  '\u00e9',
  'a"',
])('%j is no host', (text) => {
  expect(isAuthority(text)).toBe(false);
  expect(outcomeOf(requestOf([['Host', text]])).refused).toEqual(['headers.host']);
});

test.each<[url: string, host: string | undefined, target: string | undefined]>([
  ['/v2/liveness?a=b', 'a', '/v2/liveness?a=b'],
  ['//other.example/x', 'a', '//other.example/x'],
  ['*', 'a', '*'],
  ['http://a/x?y', 'a', '/x?y'],
  ['HTTP://A:80/x', 'a', '/x'],
  ['https://a:443/', 'a:443', '/'],
  ['http://a', 'a', '/'],
  ['http://a?x', 'A', '/?x'],
  ['http://a:8080/x', 'a:8080', '/x'],
  ['http://a/x', undefined, '/x'],
  ['http://b/x', 'a', undefined],
  ['http://a:8080/x', 'a', undefined],
  ['https://a:80/x', 'a', undefined],
  ['http://user@a/x', 'a', undefined],
  ['http:///x', 'a', undefined],
  ['ftp://a/x', 'a', undefined],
  ['/x#y', 'a', undefined],
])('the target %s, with the host %s, is %s', (url, name, target) => {
  expect(targetOf(url, name)).toBe(target);
});

test('a whole URL becomes a path, and one of another host is refused', () => {
  const at = (url: string) => outcomeOf(requestOf([host], { url }));
  expect(at('http://portal.acme.example/keys?a')).toEqual({ target: '/keys?a', headers: [] });
  expect(at('http://other.example/keys')).toEqual({ refused: ['request.target'], headers: [] });
});
