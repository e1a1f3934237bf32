import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
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
 * A credential as it may be kept: which workspace's records it is looked up in, and its SHA-256.
 *
 * The workspace's tag stands in every credential, in front of the secret. It is not secret itself; it tells which hash
 * slot to ask, so that every look-up and every multi-key step is one round trip to one Redis Cluster node.
 */
export interface CredentialRef {
  workspaceId: string;
  hash: string;
}

/** A fresh credential, with the plaintext that is returned to its owner once and never kept. */
export interface NewCredential extends CredentialRef {
  plaintext: string;
}

/** SHA-256 in hex. Enough for secrets of 190 random bits; a slow hash would only slow down the server. */
export const sha256 = (text: string): string => hash('sha256', text);

/** A fresh id of the given kind, such as `req_…` or `portal_…`. Not a secret. */
export const newId = (kind: 'req' | 'portal' | 'api' | 'rkid' | 'key'): string => `${kind}_${randomId()}`;

/** What a content security policy lets one response's elements in by: fresh for each. */
export const newNonce = (): string => randomSecret();

/** A fresh workspace id, `ws_` and the workspace's tag. */
export const newWorkspaceId = (): string => `ws_${randomTag()}`;

/** A fresh API key. It belongs to a workspace by where its hash is kept, so it carries no tag. */
export interface NewApiKey {
  plaintext: string;
  hash: string;
  /** The prefix and the first few characters, to tell it from others by. */
  start: string;
}

/** So many characters of an API key may be shown. 16 random bytes are worth 100 bits without them. */
const shownLength = 4;

/**
 * A fresh API key of so many random bytes' worth, in letters and digits, behind the API's prefix.
 *
 * @param byteLength 16 to 64
 */
export function newApiKey(prefix: string | undefined, byteLength: number): NewApiKey {
  const head = prefix === undefined ? '' : `${prefix}_`;
  const plaintext = head + customAlphabet(alphabet, Math.ceil((byteLength * 8) / Math.log2(alphabet.length)))();
  return { plaintext, hash: sha256(plaintext), start: plaintext.slice(0, head.length + shownLength) };
}

function credentialOf(prefix: CredentialPrefix, workspaceId: string, secret: string): NewCredential {
  const plaintext = `${prefix}_${workspaceId.slice('ws_'.length)}${secret}`;
  return { plaintext, workspaceId, hash: sha256(plaintext) };
}

/** A fresh credential that belongs to a workspace. */
export const newCredential = (prefix: CredentialPrefix, workspaceId: string): NewCredential =>
  credentialOf(prefix, workspaceId, randomSecret());

/**
 * The credential that follows from these two, by HKDF (RFC 5869): always the same, and as good as a fresh one to whoever
 * lacks either.
 */
export function derivedCredential(
  prefix: CredentialPrefix,
  workspaceId: string,
  credential: string,
  salt: string,
): NewCredential {
  const bytes = Buffer.from(hkdfSync('sha256', credential, salt, `portico derived ${prefix}`, secretLength));
  // 256 bits are so many more than 32 letters hold that each letter is as likely as any other.
  let number = BigInt(`0x${bytes.toString('hex')}`);
  let secret = '';
  while (secret.length < secretLength) {
    secret += alphabet.charAt(Number(number % BigInt(alphabet.length)));
    number /= BigInt(alphabet.length);
  }
  return credentialOf(prefix, workspaceId, secret);
}

/** How a credential of this prefix is looked up, or undefined where the text cannot be one. */
export function credentialRef(prefix: CredentialPrefix, text: string): CredentialRef | undefined {
  const [head, body = ''] = [text.slice(0, prefix.length + 1), text.slice(prefix.length + 1)];
  if (head !== `${prefix}_` || body.length !== tagLength + secretLength || !/^[0-9A-Za-z]+$/.test(body))
    return undefined;
  return { workspaceId: `ws_${body.slice(0, tagLength)}`, hash: sha256(text) };
}

/**
 * The handle of the session that this session id opens: names it without being a credential, and can be told from the
 * id alone, so that the exchange knows all of its keys before it reads anything.
 */
export const sessionHandle = ({ hash }: Pick<CredentialRef, 'hash'>): string =>
  `sess_${sha256(`handle ${hash}`).slice(0, 32)}`;

/** The key that only someone who holds the credential can derive; we keep its hash alone. */
const keyOf = (credential: string) => Buffer.from(hkdfSync('sha256', credential, '', 'portico sealed answer', 32));

/** Makes a text readable only for whoever comes with this credential again: AES-256-GCM, under a key derived from it. */
export function seal(credential: string, text: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(credential), iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Opens what was sealed. Throws where it was sealed with another credential, or was tampered with. */
export function unseal(credential: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(credential), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
