import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { customAlphabet } from 'nanoid';
import { digitsOf, type Partition, partitionCount, partitionDigits, partitionOfHash } from '../store/partitions.ts';
import type { SessionRef } from '../store/proof.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const tagLength = 12;
/** 32 letters of 62 are 190 bits. */
const secretLength = 32;
const randomTag = customAlphabet(alphabet, tagLength);
const randomSecret = customAlphabet(alphabet, secretLength);
const randomId = customAlphabet(alphabet, 20);

/** The kinds of credential, by prefix: root key, session id, browser session token. */
type CredentialPrefix = 'rk' | 'pst' | 'ps';

/**
 * A credential as it is stored: its workspace and its SHA-256.
 *
 * Every credential has the tag of its workspace in front of the secret. That of a session has the handle of the session as well, which
 * begins with the number of its partition. None of them is secret. They name the hash slot and the record, so that every look-up and
 * every multi-key step is one round trip to one Redis Cluster node.
 */
export interface CredentialRef {
  workspaceId: string;
  hash: string;
}

/** A new credential, with the plaintext that its owner gets once and that is never stored. */
export type NewCredential<Ref extends CredentialRef = CredentialRef> = Ref & { plaintext: string };

/** SHA-256 in hex. Enough for secrets of 190 random bits; a slow hash would only slow down the server. */
export const sha256 = (text: string): string => hash('sha256', text);

/** A new id of the given kind, such as `req_…` or `portal_…`. Not a secret. */
export const newId = (kind: 'req' | 'portal' | 'api' | 'rkid'): string => `${kind}_${randomId()}`;

/** A new id of a key, which begins with the number of its partition, so that a root key finds the key by it. Not a secret. */
export const newKeyId = (place: Partition): string => `key_${digitsOf(place)}${randomId()}`;

/** A new nonce for the content security policy of one response. */
export const newNonce = (): string => randomSecret();

/** A new key for signatures. */
export const newSigningKey = (): string => randomSecret();

/** 22 letters of base64url have more than 128 bits. */
const signatureLength = 22;

const signatureOf = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url').slice(0, signatureLength);

/** The text with its signature (HMAC, RFC 2104, with SHA-256), for a value that a browser stores. */
export const signed = (key: string, text: string): string => `${text}.${signatureOf(key, text)}`;

/** The text that was signed with this key, or undefined if it was not. */
export function verified(key: string, value: string): string | undefined {
  const end = Math.max(value.lastIndexOf('.'), 0);
  const [text, signature] = [value.slice(0, end), Buffer.from(value.slice(end + 1))];
  const expected = Buffer.from(signatureOf(key, text));
  return signature.length === expected.length && timingSafeEqual(signature, expected) ? text : undefined;
}

/** A new workspace id: `ws_` and the tag of the workspace. */
export const newWorkspaceId = (): string => `ws_${randomTag()}`;

/** A new API key. It has no tag: it belongs to the workspace whose records have its hash. */
export interface NewApiKey {
  plaintext: string;
  hash: string;
  /** The prefix and the first few characters, by which its owner recognizes it. */
  start: string;
}

/** How many characters of an API key can be shown. 16 random bytes have 100 bits without them. */
const shownLength = 4;

/** How many letters of the alphabet have at least as many bits as this many bytes. */
const lettersFor = (byteLength: number) => Math.ceil((byteLength * 8) / Math.log2(alphabet.length));

function apiKeyOf(prefix: string | undefined, secret: string): NewApiKey {
  const head = prefix === undefined ? '' : `${prefix}_`;
  const plaintext = head + secret;
  return { plaintext, hash: sha256(plaintext), start: plaintext.slice(0, head.length + shownLength) };
}

/** Makes keys until one is of the partition: its SHA-256 names the partition, so that a key has nothing but its secret. */
function inPartition<Key extends NewApiKey>({ partition }: Partition, make: () => Key): Key {
  for (;;) {
    const key = make();
    if (partitionOfHash(key.hash) === partition) return key;
  }
}

/**
 * A new API key with as many random bits as `byteLength` bytes, in letters and digits, after the prefix of the API. Its hash leaves
 * it one of 64 partitions, which takes 6 of the bits.
 *
 * @param byteLength 16 to 64
 */
export function newApiKey(place: Partition, prefix: string | undefined, byteLength: number): NewApiKey {
  const secret = customAlphabet(alphabet, lettersFor(byteLength));
  return inPartition(place, () => apiKeyOf(prefix, secret()));
}

/**
 * The API key that is derived from a session token and a salt by HKDF (RFC 5869): always the same, and as hard to guess as
 * the token. An API key lives longer than the session, so the salt must be random and must be forgotten with the session:
 * an old token alone then says nothing about the key.
 *
 * @param byteLength 16 to 64
 */
export const derivedApiKey = (prefix: string | undefined, byteLength: number, token: string, salt: string): NewApiKey =>
  apiKeyOf(prefix, derivedLetters(token, salt, 'portico derived api key', lettersFor(byteLength)));

/** A new key of the partition that is derived from a session token, with its salt, which is not secret. */
export const newDerivedApiKey = (
  place: Partition,
  prefix: string | undefined,
  byteLength: number,
  token: string,
): NewApiKey & { salt: string } =>
  inPartition(place, () => {
    const salt = randomSecret();
    return { ...derivedApiKey(prefix, byteLength, token, salt), salt };
  });

/** How many letters of a session credential are those of its handle, after `sess_`. */
const handleLength = partitionDigits + 20;

/** A new root key of a workspace. */
export function newRootKey(workspaceId: string): NewCredential {
  const plaintext = `rk_${workspaceId.slice('ws_'.length)}${randomSecret()}`;
  return { plaintext, workspaceId, hash: sha256(plaintext) };
}

/** The prefixes of session ids and of session tokens. */
type SessionPrefix = Exclude<CredentialPrefix, 'rk'>;

function sessionCredential(
  prefix: SessionPrefix,
  place: Partition,
  handle: string,
  secret: string,
): NewCredential<SessionRef> {
  const { workspaceId, partition } = place;
  const plaintext = `${prefix}_${workspaceId.slice('ws_'.length)}${handle.slice('sess_'.length)}${secret}`;
  return { plaintext, workspaceId, partition, handle, hash: sha256(plaintext) };
}

/** A new session id of a partition, with a new handle. */
export const newSessionId = (place: Partition): NewCredential<SessionRef> =>
  sessionCredential('pst', place, `sess_${digitsOf(place)}${randomId()}`, randomSecret());

/** A new token for the session with this id. */
export const newToken = (session: SessionRef): NewCredential<SessionRef> =>
  sessionCredential('ps', session, session.handle, randomSecret());

/** Letters that are derived by HKDF (RFC 5869) with SHA-256. */
function derivedLetters(credential: string, salt: string, purpose: string, length: number): string {
  // 64 bits more than the letters have: so each letter is equally likely.
  const byteLength = Math.ceil((length * Math.log2(alphabet.length)) / 8) + 8;
  const bytes = Buffer.from(hkdfSync('sha256', credential, salt, purpose, byteLength));
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let letters = '';
  while (letters.length < length) {
    letters += alphabet.charAt(Number(number % BigInt(alphabet.length)));
    number /= BigInt(alphabet.length);
  }
  return letters;
}

/**
 * The token that is derived from a session id and a salt by HKDF (RFC 5869): always the same, and as hard to guess as a new one
 * without both.
 */
export const derivedToken = (session: SessionRef, sessionId: string, salt: string): NewCredential<SessionRef> =>
  sessionCredential('ps', session, session.handle, derivedLetters(sessionId, salt, 'portico derived ps', secretLength));

/** What comes after the prefix of a credential with this prefix, or undefined if the text cannot be one. */
function bodyOf(prefix: CredentialPrefix, text: string, length: number): string | undefined {
  const [head, body] = [text.slice(0, prefix.length + 1), text.slice(prefix.length + 1)];
  return head === `${prefix}_` && body.length === length && /^[0-9A-Za-z]+$/.test(body) ? body : undefined;
}

/** The reference of a root key, or undefined if the text cannot be one. */
export function rootKeyRef(text: string): CredentialRef | undefined {
  const body = bodyOf('rk', text, tagLength + secretLength);
  return body === undefined ? undefined : { workspaceId: `ws_${body.slice(0, tagLength)}`, hash: sha256(text) };
}

/** The reference of a session id or token, or undefined if the text cannot be one. */
export function sessionRef(prefix: SessionPrefix, text: string): SessionRef | undefined {
  const body = bodyOf(prefix, text, tagLength + handleLength + secretLength);
  if (body === undefined) return undefined;
  const name = body.slice(tagLength, tagLength + handleLength);
  const partition = Number(name.slice(0, partitionDigits));
  if (!(partition < partitionCount)) return undefined;
  return { workspaceId: `ws_${body.slice(0, tagLength)}`, partition, handle: `sess_${name}`, hash: sha256(text) };
}

/** The key that only the owner of the credential can derive: Redis stores only its hash. */
const keyOf = (credential: string) => Buffer.from(hkdfSync('sha256', credential, '', 'portico sealed answer', 32));

/** Encrypts a text with AES-256-GCM, under a key that is derived from the credential. */
export function seal(credential: string, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(credential), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Decrypts a sealed text. @throws Error if it was sealed with another credential, or changed */
export function unseal(credential: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(credential), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
