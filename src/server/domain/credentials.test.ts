import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { partitionCount, partitionOfHash } from '../store/partitions.ts';
import {
  derivedApiKey,
  derivedToken,
  newApiKey,
  newDerivedApiKey,
  newId,
  newNonce,
  newRootKey,
  newSessionCredential,
  newWorkspaceId,
  rootKeyRef,
  seal,
  sessionHandle,
  sessionRef,
  unseal,
} from './credentials.ts';

const somewhere = { workspaceId: 'ws_abcdefghijkl', partition: 42 };

test('a root key is found by its hash, in its workspace', () => {
  const workspaceId = newWorkspaceId();
  const { plaintext, hash } = newRootKey(workspaceId);
  expect(plaintext).toMatch(/^rk_[0-9A-Za-z]{44}$/);
  expect(hash).toBe(createHash('sha256').update(plaintext).digest('hex'));
  expect(rootKeyRef(plaintext)).toEqual({ workspaceId, hash });
});

test.each(['pst', 'ps'] as const)(
  'a %s_ credential is found by its hash, in its partition of its workspace',
  (prefix) => {
    const workspaceId = newWorkspaceId();
    const places = Array.from({ length: partitionCount }, (_, partition) => ({ workspaceId, partition }));
    const made = places.map((place) => newSessionCredential(prefix, place));
    for (const [partition, { plaintext, hash }] of made.entries()) {
      expect(plaintext).toMatch(new RegExp(`^${prefix}_[0-9A-Za-z]{46}$`));
      expect(hash).toBe(createHash('sha256').update(plaintext).digest('hex'));
      expect(sessionRef(prefix, plaintext)).toEqual({ workspaceId, partition, hash });
    }
  },
);

test('a root key with another prefix, or with added or missing characters, is invalid', () => {
  const { plaintext } = newRootKey(newWorkspaceId());
  expect(rootKeyRef(plaintext.replace('rk_', 'ps_'))).toBeUndefined();
  expect(rootKeyRef(`${plaintext}x`)).toBeUndefined();
  expect(rootKeyRef(plaintext.slice(0, -1))).toBeUndefined();
  expect(rootKeyRef(plaintext.replace(/.$/, '}'))).toBeUndefined();
  expect(rootKeyRef('')).toBeUndefined();
});

test('a session credential with another prefix or partition, or with added or missing characters, is invalid', () => {
  const { plaintext } = newSessionCredential('ps', somewhere);
  expect(rootKeyRef(plaintext)).toBeUndefined();
  expect(sessionRef('pst', plaintext)).toBeUndefined();
  expect(sessionRef('ps', `${plaintext}x`)).toBeUndefined();
  expect(sessionRef('ps', plaintext.slice(0, -1))).toBeUndefined();
  expect(sessionRef('ps', plaintext.replace(/.$/, '}'))).toBeUndefined();
  expect(sessionRef('ps', plaintext.replace(/^ps_./, 'ps_}'))).toBeUndefined();
  expect(sessionRef('ps', '')).toBeUndefined();
  const withPartition = (letters: string) => plaintext.replace(/^(ps_.{12})../, `$1${letters}`);
  expect(sessionRef('ps', withPartition('11'))?.partition).toBe(63);
  for (const letters of ['12', '20', 'zz']) expect(sessionRef('ps', withPartition(letters))).toBeUndefined();
});

test('10,000 credentials are all different and use the whole alphabet', () => {
  const made = Array.from({ length: 10_000 }, () => newRootKey('ws_abcdefghijkl').plaintext);
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
  const plain = newApiKey(somewhere, undefined, byteLength);
  expect(plain.plaintext).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`));
  expect(plain.start).toBe(plain.plaintext.slice(0, 4));
  const prefixed = newApiKey(somewhere, 'acme', byteLength);
  expect(prefixed.plaintext).toMatch(new RegExp(`^acme_[0-9A-Za-z]{${length}}$`));
  expect(prefixed.start).toBe(prefixed.plaintext.slice(0, 'acme_1234'.length));
  expect(prefixed.hash).toBe(createHash('sha256').update(prefixed.plaintext).digest('hex'));
});

test('the hash of an API key names the partition of its user', () => {
  const partitions = [0, 31, 63];
  const made = partitions.map((partition) => newApiKey({ ...somewhere, partition }, 'acme', 24));
  expect(made.map(({ hash }) => partitionOfHash(hash))).toEqual(partitions);
  const derived = partitions.map((partition) => newDerivedApiKey({ ...somewhere, partition }, 'acme', 24, 'ps_abc'));
  expect(derived.map(({ hash }) => partitionOfHash(hash))).toEqual(partitions);
  // With its salt it is derived again, when the request is repeated.
  for (const { salt, ...key } of derived) expect(derivedApiKey('acme', 24, 'ps_abc', salt)).toEqual(key);
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
    const credential = derivedToken(somewhere, 'ps_abcdefghijkl', 'a random salt').plaintext;
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

test('a derived token is the same in every version, so that an exchange can be repeated during an update', () => {
  const derived = derivedToken(somewhere, 'pst_abcdefghijkl', 'a secret of the caller');
  expect(derived).toEqual({
    plaintext: 'ps_abcdefghijkl0ggkVkKLrdYugDVvj8q5Exwurhk88SSyGi',
    ...somewhere,
    hash: createHash('sha256').update(derived.plaintext).digest('hex'),
  });
  expect(sessionRef('ps', derived.plaintext)).toEqual({ ...somewhere, hash: derived.hash });
});

test('a handle identifies one session and contains no part of its id', () => {
  const { plaintext, ...ref } = newSessionCredential('pst', somewhere);
  expect(sessionHandle(ref)).toBe(sessionHandle(ref));
  // 2a is the number of the partition, 42.
  expect(sessionHandle(ref)).toMatch(/^sess_2a[0-9a-f]{30}$/);
  expect(ref.hash).not.toContain(sessionHandle(ref).slice('sess_2a'.length));
  expect(plaintext).not.toContain(sessionHandle(ref).slice('sess_2a'.length));
});

test('a sealed value opens only with its credential, and only if it is unchanged', () => {
  const [own, other] = [newRootKey(newWorkspaceId()), newRootKey(newWorkspaceId())];
  const sealed = seal(own.plaintext, 'ünsaid');
  expect(unseal(own.plaintext, sealed)).toBe('ünsaid');
  expect(seal(own.plaintext, 'ünsaid')).not.toBe(sealed);
  expect(() => unseal(other.plaintext, sealed)).toThrow();
  expect(() => unseal(own.hash, sealed)).toThrow();
  expect(() => unseal(own.plaintext, `${sealed.slice(0, -4)}AAA=`)).toThrow();
});
