import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  credentialRef,
  derivedApiKey,
  derivedCredential,
  newApiKey,
  newCredential,
  newId,
  newNonce,
  newWorkspaceId,
  seal,
  sessionHandle,
  unseal,
} from './credentials.ts';

test.each(['rk', 'pst', 'ps'] as const)('a %s_ credential is found by its hash, in its workspace', (prefix) => {
  const workspaceId = newWorkspaceId();
  const { plaintext, hash } = newCredential(prefix, workspaceId);
  expect(plaintext.startsWith(`${prefix}_`)).toBe(true);
  expect(hash).toBe(createHash('sha256').update(plaintext).digest('hex'));
  expect(credentialRef(prefix, plaintext)).toEqual({ workspaceId, hash });
});

test('a credential with another prefix, or with added or missing characters, is invalid', () => {
  const { plaintext } = newCredential('ps', newWorkspaceId());
  expect(credentialRef('rk', plaintext)).toBeUndefined();
  expect(credentialRef('pst', plaintext)).toBeUndefined();
  expect(credentialRef('ps', `${plaintext}x`)).toBeUndefined();
  expect(credentialRef('ps', plaintext.slice(0, -1))).toBeUndefined();
  expect(credentialRef('ps', plaintext.replace(/.$/, '}'))).toBeUndefined();
  expect(credentialRef('ps', plaintext.replace(/^ps_./, 'ps_}'))).toBeUndefined();
  expect(credentialRef('ps', '')).toBeUndefined();
});

test('10,000 credentials are all different and use the whole alphabet', () => {
  const made = Array.from({ length: 10_000 }, () => newCredential('rk', 'ws_abcdefghijkl').plaintext);
  expect(new Set(made).size).toBe(10_000);
  // 32 of 62 letters are 190 bits. An unused letter would mean fewer bits.
  expect(new Set(made.flatMap((text) => [...text.slice(-32)])).size).toBe(62);
});

test('an id has 119 random bits behind its kind, a nonce 190', () => {
  expect(newId('req')).toMatch(/^req_[0-9A-Za-z]{20}$/);
  expect(newNonce()).toMatch(/^[0-9A-Za-z]{32}$/);
});

test.each([
  [16, 22],
  [24, 33],
  [64, 86],
])('an API key with the random bits of %s bytes has %s characters', (byteLength, length) => {
  const plain = newApiKey(undefined, byteLength);
  expect(plain.plaintext).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
  expect(plain.start).toBe(plain.plaintext.slice(0, 4));
  const prefixed = newApiKey('acme', byteLength);
  expect(prefixed.plaintext).toMatch(new RegExp(`^acme_[0-9A-Za-z]{${length}}$`));
  expect(prefixed.start).toBe(prefixed.plaintext.slice(0, 'acme_1234'.length));
  expect(prefixed.hash).toBe(createHash('sha256').update(prefixed.plaintext).digest('hex'));
});

describe('a derived API key', () => {
  const derive = (over: { prefix?: string; byteLength?: number; token?: string; salt?: string } = {}) =>
    derivedApiKey(over.prefix, over.byteLength ?? 24, over.token ?? 'ps_abcdefghijkl', over.salt ?? 'a random salt');

  test('is the same in every version, so that a request can be repeated during an update', () => {
    expect(derive({ prefix: 'acme' })).toEqual({
      plaintext: 'acme_qqiHQIGlRv0A4m5qJxWQOTVDNRt8htoI1',
      start: 'acme_qqiH',
      hash: createHash('sha256')
        .update(derive({ prefix: 'acme' }).plaintext)
        .digest('hex'),
    });
  });

  test('is another one for another token or salt, and is no derived credential', () => {
    const others = [derive({ token: 'ps_abcdefghijkm' }), derive({ salt: 'another salt' })];
    const secrets = [derive(), ...others].map(({ plaintext }) => plaintext.slice(0, 20));
    expect(new Set(secrets).size).toBe(3);
    const credential = derivedCredential('ps', 'ws_abcdefghijkl', 'ps_abcdefghijkl', 'a random salt').plaintext;
    expect(credential).not.toContain(derive().plaintext.slice(0, 20));
  });

  test.each([
    [16, 22],
    [24, 33],
    [64, 86],
  ])('with the bits of %s bytes has %s characters of the whole alphabet', (byteLength, length) => {
    const letters = Array.from({ length: 200 }, (_, i) => derive({ byteLength, salt: `salt ${i}` }).plaintext);
    for (const key of letters) expect(key).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
    // The last letter is what is left of the number: too few bits would leave it out of the alphabet's end.
    expect(new Set(letters.map((key) => key.at(-1))).size).toBeGreaterThan(45);
  });
});

test('a derived credential is the same in every version, so that an exchange can be repeated during an update', () => {
  const derived = derivedCredential('ps', 'ws_abcdefghijkl', 'pst_abcdefghijkl', 'a secret of the caller');
  expect(derived).toEqual({
    plaintext: 'ps_abcdefghijklgkVkKLrdYugDVvj8q5Exwurhk88SSyGi',
    workspaceId: 'ws_abcdefghijkl',
    hash: createHash('sha256').update(derived.plaintext).digest('hex'),
  });
  expect(credentialRef('ps', derived.plaintext)).toEqual({ workspaceId: derived.workspaceId, hash: derived.hash });
});

test('a handle identifies one session and contains no part of its id', () => {
  const { plaintext, ...ref } = newCredential('pst', newWorkspaceId());
  expect(sessionHandle(ref)).toBe(sessionHandle(ref));
  expect(sessionHandle(ref)).toMatch(/^sess_[0-9a-f]{32}$/);
  expect(ref.hash).not.toContain(sessionHandle(ref).slice('sess_'.length));
  expect(plaintext).not.toContain(sessionHandle(ref).slice('sess_'.length));
});

test('a sealed value opens only with its credential, and only if it is unchanged', () => {
  const [own, other] = [newCredential('rk', newWorkspaceId()), newCredential('rk', newWorkspaceId())];
  const sealed = seal(own.plaintext, 'ünsaid');
  expect(unseal(own.plaintext, sealed)).toBe('ünsaid');
  expect(seal(own.plaintext, 'ünsaid')).not.toBe(sealed);
  expect(() => unseal(other.plaintext, sealed)).toThrow();
  expect(() => unseal(own.hash, sealed)).toThrow();
  expect(() => unseal(own.plaintext, `${sealed.slice(0, -4)}AAA=`)).toThrow();
});
