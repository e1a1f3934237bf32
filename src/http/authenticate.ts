import type { Request } from 'express';
import type { operations } from '../../generated/operations.ts';
import { authenticateRootKey } from '../domain/root-keys.ts';
import { authenticatePortalSession } from '../domain/sessions.ts';
import type { Callers } from '../operations/operation.ts';
import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import { readSessionCookie } from './session-cookie.ts';

/** How an operation is authenticated, as the contract declares it. */
export type Auth = (typeof operations)[keyof typeof operations]['auth'];

/** The credential of `Authorization: Bearer <credential>` (RFC 6750, scheme in any case), or undefined. */
const bearerOf = (header: string): string | undefined => /^Bearer +(\S+) *$/i.exec(header)?.[1];

const rootKey = (req: Request, store: Store) => {
  const { authorization } = req.headers;
  if (authorization === undefined || authorization === '') throw new Problem('unkey/authentication/missing');
  const bearer = bearerOf(authorization);
  if (bearer === undefined) throw new Problem('unkey/authentication/malformed');
  return authenticateRootKey(store, bearer);
};

const portalSession = (req: Request, store: Store) => {
  const { authorization } = req.headers;
  // An explicit header outranks the cookie, also where it holds nothing of use: the caller meant something by it.
  const token = authorization ? bearerOf(authorization) : readSessionCookie(req);
  // A root key is no portal session, and saying so beats "not found" for whoever mixes the two up.
  if (token === undefined || token.startsWith('rk_')) throw new Problem('unkey/authentication/portal_token_missing');
  return authenticatePortalSession(store, token);
};

/**
 * Who is calling. Stands before validation, so that a stranger learns nothing about what the input should be.
 *
 * @throws Problem of 401, 403 or 404; StoreUnavailable
 */
export const authenticators: { [A in Auth]: (req: Request, store: Store) => Promise<Callers[A]> } = {
  rootKey: async (req, store) => rootKey(req, store),
  portalSession: async (req, store) => portalSession(req, store),
  none: async () => undefined,
};
