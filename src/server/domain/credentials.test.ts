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
  newSessionId,
  newToken,
  newWorkspaceId,
  rootKeyRef,
  seal,
  sessionRef,
  unseal,
} from './credentials.ts';

const somewhere = { workspaceId: 'ws_abcdefghijkl', partition: 42 };
const session = { ...somewhere, handle: 'sess_42ABCDEFGHIJKLMNOPQRST', hash: 'hash' };

test('a root key is found by its hash, in its workspace', () => {
  const workspaceId = newWorkspaceId();
  const { plaintext, hash } = newRootKey(workspaceId);
  expect(plaintext).toMatch(/^rk_[0-9A-Za-z]{44}$/);
  expect(hash).toBe(createHash('sha256').update(plaintext).digest('hex'));
  expect(rootKeyRef(plaintext)).toEqual({ workspaceId, hash });
});

test('the credentials of a session are found by their hashes, in their partition of their workspace', () => {
  const workspaceId = newWorkspaceId();
  for (let partition = 0; partition < partitionCount; partition++) {
    const { plaintext: sessionId, ...session } = newSessionId({ workspaceId, partition });
    expect(session).toMatchObject({ workspaceId, partition });
    const { plaintext: token, ...active } = newToken(session);
    for (const [prefix, text, ref] of [
      ['pst', sessionId, session],
      ['ps', token, active],
    ] as const) {
      expect(text).toMatch(new RegExp(`^${prefix}_[0-9A-Za-z]{66}$`));
      expect(ref.hash).toBe(createHash('sha256').update(text).digest('hex'));
      expect(sessionRef(prefix, text)).toEqual(ref);
    }
  }
});

test('a root key with another prefix, or with added or missing characters, is invalid', () => {
  const { plaintext } = newRootKey(newWorkspaceId());
  expect(rootKeyRef(plaintext.replace('rk_', 'ps_'))).toBeUndefined();
  expect(rootKeyRef(`${plaintext}x`)).toBeUndefined();
  expect(rootKeyRef(plaintext.slice(0, -1))).toBeUndefined();
  expect(rootKeyRef(plaintext.replace(/.$/, '}'))).toBeUndefined();
  expect(rootKeyRef('')).toBeUndefined();
});

test('a session credential with another prefix or partition, or with added or missing characters, is invalid', () => {
  const { plaintext } = newToken(newSessionId(somewhere));
  expect(rootKeyRef(plaintext)).toBeUndefined();
  expect(sessionRef('pst', plaintext)).toBeUndefined();
  expect(sessionRef('ps', `${plaintext}x`)).toBeUndefined();
  expect(sessionRef('ps', plaintext.slice(0, -1))).toBeUndefined();
  expect(sessionRef('ps', plaintext.replace(/.$/, '}'))).toBeUndefined();
  expect(sessionRef('ps', plaintext.replace(/^ps_./, 'ps_}'))).toBeUndefined();
  expect(sessionRef('ps', '')).toBeUndefined();
  const withPartition = (letters: string) => plaintext.replace(/^(ps_.{12})../, `$1${letters}`);
  expect(sessionRef('ps', withPartition('63'))?.partition).toBe(63);
  for (const letters of ['64', '99', 'zz']) expect(sessionRef('ps', withPartition(letters))).toBeUndefined();
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
    const credential = derivedToken(session, 'ps_abcdefghijkl', 'a random salt').plaintext;
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
  const derived = derivedToken(session, 'pst_abcdefghijkl', 'a secret of the caller');
  expect(derived).toEqual({
    plaintext: 'ps_abcdefghijkl42ABCDEFGHIJKLMNOPQRSTgkVkKLrdYugDVvj8q5Exwurhk88SSyGi',
    ...session,
    hash: createHash('sha256').update(derived.plaintext).digest('hex'),
  });
  expect(sessionRef('ps', derived.plaintext)).toEqual({ ...session, hash: derived.hash });
});

test('a handle names its partition, and the credentials of its session have it in front of a secret of their own', () => {
  const { plaintext, ...session } = newSessionId({ ...somewhere, partition: 7 });
  expect(session.handle).toMatch(/^sess_07[0-9A-Za-z]{20}$/);
  const token = newToken(session);
  expect(token).toMatchObject({ workspaceId: somewhere.workspaceId, partition: 7, handle: session.handle });
  const name = session.handle.slice('sess_'.length);
  expect(plaintext).toMatch(new RegExp(`^pst_abcdefghijkl${name}[0-9A-Za-z]{32}$`));
  expect(token.plaintext).toMatch(new RegExp(`^ps_abcdefghijkl${name}[0-9A-Za-z]{32}$`));
  expect(token.plaintext.slice(-32)).not.toBe(plaintext.slice(-32));
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
