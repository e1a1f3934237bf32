import { expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { authorOf } from './author.ts';

const res = { locals: { requestId: 'req_1' } } as unknown as Response;
const author = (proof: unknown, headers = {}, ip?: string) => authorOf({ headers, ip } as Request, res, proof);

test('the author has the proof of the caller, and the request', () => {
  const proof = { actor: { type: 'user' } };
  expect(author(proof)).toEqual({ proof, requestId: 'req_1' });
  expect(author(proof).proof).toBe(proof);
});

test('the address and the user agent are recorded if there are any', () => {
  expect(author(undefined, { 'user-agent': 'curl/8' }, '10.0.0.1')).toMatchObject({
    ip: '10.0.0.1',
    userAgent: 'curl/8',
  });
  expect(author(undefined, {}, '::ffff:10.0.0.1')).toMatchObject({ ip: '10.0.0.1' });
  // A proxy may name a client by anything.
  expect(author(undefined, {}, '_hidden')).not.toHaveProperty('ip');
  expect(author(undefined, { 'user-agent': '' }, '')).toEqual({ requestId: 'req_1' });
});

test('of a user agent the first 256 characters are recorded, without secrets', () => {
  const long = 'a b '.repeat(64);
  expect(author(undefined, { 'user-agent': long }).userAgent).toBe(long);
  expect(author(undefined, { 'user-agent': `${long}c` }).userAgent).toBe(long);
  expect(author(undefined, { 'user-agent': 'pst_abcd' }).userAgent).toBe('pst_[redacted]');
});

test.each([
  ['caf\u00c3\u00a9', 'caf\u00e9'],
  ['caf\u00e9', 'caf\u00e9'],
  ['a\u009b31m\tb\u00e9', 'a\ufffd31m\ufffdb\u00e9'],
  // A right-to-left override, in UTF-8.
  ['a\u00e2\u0080\u00aeb', 'a\ufffdb'],
  [`${'x '.repeat(127)}x\u00f0\u009f\u0098\u0080`, `${'x '.repeat(127)}x\ufffd`],
])('the user agent %j is recorded as %j', (sent, recorded) => {
  expect(author(undefined, { 'user-agent': sent }).userAgent).toBe(recorded);
});
