import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { credentialRef, newCredential, newWorkspaceId } from './credentials.ts';

test.each(['rk', 'pst', 'ps'] as const)('a %s_ credential is found by its hash, in its workspace', (prefix) => {
  const workspaceId = newWorkspaceId();
  const { plaintext, hash } = newCredential(prefix, workspaceId);
  expect(plaintext.startsWith(`${prefix}_`)).toBe(true);
  expect(hash).toBe(createHash('sha256').update(plaintext).digest('hex'));
  expect(credentialRef(prefix, plaintext)).toEqual({ workspaceId, hash });
});

test('a credential is none of another prefix, nor with anything added or taken away', () => {
  const { plaintext } = newCredential('ps', newWorkspaceId());
  expect(credentialRef('rk', plaintext)).toBeUndefined();
  expect(credentialRef('pst', plaintext)).toBeUndefined();
  expect(credentialRef('ps', `${plaintext}x`)).toBeUndefined();
  expect(credentialRef('ps', plaintext.slice(0, -1))).toBeUndefined();
  expect(credentialRef('ps', plaintext.replace(/.$/, '}'))).toBeUndefined();
  expect(credentialRef('ps', '')).toBeUndefined();
});

test('ten thousand credentials are all different, and use the whole alphabet', () => {
  const made = Array.from({ length: 10_000 }, () => newCredential('rk', 'ws_abcdefghijkl').plaintext);
  expect(new Set(made).size).toBe(10_000);
  // 32 letters of 62 are 190 bits; a letter that never comes would make them fewer.
  expect(new Set(made.flatMap((text) => [...text.slice(-32)])).size).toBe(62);
});
