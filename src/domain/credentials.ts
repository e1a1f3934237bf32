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
export const newId = (kind: 'req' | 'portal' | 'api' | 'rkid'): string => `${kind}_${randomId()}`;

/** A fresh workspace id, `ws_` and the workspace's tag. */
export const newWorkspaceId = (): string => `ws_${randomTag()}`;

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
