import { createHash } from 'node:crypto';
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
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A fresh id of the given kind, such as `req_…` or `portal_…`. Not a secret. */
export const newId = (kind: 'req' | 'portal' | 'api' | 'rkid' | 'key'): string => `${kind}_${randomId()}`;

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

/** A fresh credential that belongs to a workspace. */
export function newCredential(prefix: CredentialPrefix, workspaceId: string): NewCredential {
  const plaintext = `${prefix}_${workspaceId.slice('ws_'.length)}${randomSecret()}`;
  return { plaintext, workspaceId, hash: sha256(plaintext) };
}

/** How a credential of this prefix is looked up, or undefined where the text cannot be one. */
export function credentialRef(prefix: CredentialPrefix, text: string): CredentialRef | undefined {
  const [head, body = ''] = [text.slice(0, prefix.length + 1), text.slice(prefix.length + 1)];
  if (head !== `${prefix}_` || body.length !== tagLength + secretLength || !/^[0-9A-Za-z]+$/.test(body))
    return undefined;
  return { workspaceId: `ws_${body.slice(0, tagLength)}`, hash: sha256(text) };
}
