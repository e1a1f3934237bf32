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

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const tagLength = 12;
/** 32 letters of 62 are 190 bits. */
const secretLength = 32;
const randomTag = customAlphabet(alphabet, tagLength);
const randomSecret = customAlphabet(alphabet, secretLength);
const randomId = customAlphabet(alphabet, 20);

/** The kinds of credential, by prefix: root key, session id, browser session token. */
export type CredentialPrefix = 'rk' | 'pst' | 'ps';

/**
 * A credential as it is stored: its workspace and its SHA-256.
 *
 * Every credential has the tag of its workspace in front of the secret. The tag is not secret. It names the hash slot, so
 * that every look-up and every multi-key step is one round trip to one Redis Cluster node.
 */
export interface CredentialRef {
  workspaceId: string;
  hash: string;
}

/** A new credential, with the plaintext that its owner gets once and that is never stored. */
export interface NewCredential extends CredentialRef {
  plaintext: string;
}

/** SHA-256 in hex. Enough for secrets of 190 random bits; a slow hash would only slow down the server. */
export const sha256 = (text: string): string => hash('sha256', text);

/** A new id of the given kind, such as `req_…` or `portal_…`. Not a secret. */
export const newId = (kind: 'req' | 'portal' | 'api' | 'rkid' | 'key'): string => `${kind}_${randomId()}`;

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

/**
 * A new API key with as many random bits as `byteLength` bytes, in letters and digits, after the prefix of the API.
 *
 * @param byteLength 16 to 64
 */
export const newApiKey = (prefix: string | undefined, byteLength: number): NewApiKey =>
  apiKeyOf(prefix, customAlphabet(alphabet, lettersFor(byteLength))());

/** A new salt for `derivedApiKey`. Not a secret. */
export const newSalt = (): string => randomSecret();

/**
 * The API key that is derived from a session token and a salt by HKDF (RFC 5869): always the same, and as hard to guess as
 * the token. An API key lives longer than the session, so the salt must be random and must be forgotten with the session:
 * an old token alone then says nothing about the key.
 *
 * @param byteLength 16 to 64
 */
export const derivedApiKey = (prefix: string | undefined, byteLength: number, token: string, salt: string): NewApiKey =>
  apiKeyOf(prefix, derivedLetters(token, salt, 'portico derived api key', lettersFor(byteLength)));

function credentialOf(prefix: CredentialPrefix, workspaceId: string, secret: string): NewCredential {
  const plaintext = `${prefix}_${workspaceId.slice('ws_'.length)}${secret}`;
  return { plaintext, workspaceId, hash: sha256(plaintext) };
}

/** A new credential of a workspace. */
export const newCredential = (prefix: CredentialPrefix, workspaceId: string): NewCredential =>
  credentialOf(prefix, workspaceId, randomSecret());

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
 * The credential that is derived from these two by HKDF (RFC 5869): always the same, and as hard to guess as a new one
 * without both.
 */
export function derivedCredential(
  prefix: CredentialPrefix,
  workspaceId: string,
  credential: string,
  salt: string,
): NewCredential {
  return credentialOf(prefix, workspaceId, derivedLetters(credential, salt, `portico derived ${prefix}`, secretLength));
}

/** The reference of a credential with this prefix, or undefined if the text cannot be one. */
export function credentialRef(prefix: CredentialPrefix, text: string): CredentialRef | undefined {
  const [head, body = ''] = [text.slice(0, prefix.length + 1), text.slice(prefix.length + 1)];
  if (head !== `${prefix}_` || body.length !== tagLength + secretLength || !/^[0-9A-Za-z]+$/.test(body))
    return undefined;
  return { workspaceId: `ws_${body.slice(0, tagLength)}`, hash: sha256(text) };
}

/**
 * The handle of the session with this session id. It names the session without being a credential, and follows from the id
 * alone, so that the exchange knows all of its keys before it reads anything.
 */
export const sessionHandle = ({ hash }: Pick<CredentialRef, 'hash'>): string =>
  `sess_${sha256(`handle ${hash}`).slice(0, 32)}`;

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
