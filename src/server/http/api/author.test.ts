import { expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import type { Caller } from '../../operations/operation.ts';
import { authorOf } from './author.ts';

const res = { locals: { requestId: 'req_1' } } as unknown as Response;
const author = (caller: Caller, headers = {}, ip?: string) => authorOf({ headers, ip } as Request, res, caller);
const session = { handle: 'sess_1', grant: { externalId: 'user_1' } } as unknown as Caller;

test('a caller without a credential is a user', () => {
  expect(author(undefined)).toEqual({ actor: { type: 'user' }, requestId: 'req_1' });
});

test('a session is a user with their id', () => {
  expect(author(session).actor).toEqual({ type: 'user', id: 'sess_1', externalId: 'user_1' });
});

test.each([
  ['verified', { verification: 'verified', rootKeyId: 'rkid_1' }],
  ['cached', { verification: 'cached', unverified: { rootKeyId: 'rkid_1' } }],
])('a %s root key has its own id', (_, rootKey) => {
  expect(author(rootKey as unknown as Caller).actor).toEqual({ type: 'root_key', id: 'rkid_1' });
});

test('the address and the user agent are recorded if there are any', () => {
  expect(author(undefined, { 'user-agent': 'curl/8' }, '10.0.0.1')).toMatchObject({
    ip: '10.0.0.1',
    userAgent: 'curl/8',
  });
  expect(author(undefined, {}, '::ffff:10.0.0.1')).toMatchObject({ ip: '10.0.0.1' });
  // A proxy may name a client by anything.
  expect(author(undefined, {}, '_hidden')).not.toHaveProperty('ip');
  expect(author(undefined, { 'user-agent': '' }, '')).toEqual({ actor: { type: 'user' }, requestId: 'req_1' });
});

test('of a user agent the first 256 characters are recorded, without secrets', () => {
  const long = 'a b '.repeat(64);
  expect(author(undefined, { 'user-agent': long }).userAgent).toBe(long);
  expect(author(undefined, { 'user-agent': `${long}c` }).userAgent).toBe(long);
  expect(author(undefined, { 'user-agent': 'pst_abcd' }).userAgent).toBe('pst_[redacted]');
});
