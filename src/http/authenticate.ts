import type { Request } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import { authenticateRootKey, requirePermission } from '../domain/root-keys.ts';
import { authenticatePortalSession } from '../domain/sessions.ts';
import type { Callers, OperationDeps } from '../operations/operation.ts';
import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import { isForeign } from './cross-origin.ts';
import { readSessionCookie } from './session-cookie.ts';

/** The credential of `Authorization: Bearer <credential>` (RFC 6750, scheme in any case), or undefined. */
export const bearerOf = (header: string): string | undefined => /^Bearer +(\S+) *$/i.exec(header)?.[1];

const rootKey = (req: Request, store: Store) => {
  const { authorization } = req.headers;
  if (authorization === undefined || authorization === '') throw new Problem('unkey/authentication/missing');
  const bearer = bearerOf(authorization);
  if (bearer === undefined) throw new Problem('unkey/authentication/malformed');
  return authenticateRootKey(store, bearer);
};

const portalSession = (req: Request, store: Store, portalBaseUrl: string) => {
  const { authorization } = req.headers;
  // An explicit header outranks the cookie, also where it holds nothing of use: the caller meant something by it.
  const token = authorization ? bearerOf(authorization) : readSessionCookie(req);
  // A root key is no portal session, and saying so beats "not found" for whoever mixes the two up.
  if (token === undefined || token.startsWith('rk_')) throw new Problem('unkey/authentication/portal_token_missing');
  // The browser adds a cookie to whatever page asks for it; a header it does not.
  if (!authorization && isForeign(req.headers, portalBaseUrl)) throw new Problem('unkey/authorization/foreign_origin');
  return authenticatePortalSession(store, token);
};

/**
 * Who is calling, and whether they may call this at all: a root key must hold the permission that the contract declares
 * for the operation. Stands before validation, so that a stranger learns nothing about what the input should be.
 *
 * @throws Problem of 401, 403 or 404; StoreUnavailable
 */
export async function authenticate<Id extends OperationId>(
  id: Id,
  req: Request,
  deps: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
): Promise<Callers[(typeof operations)[Id]['auth']]>;
export async function authenticate(
  id: OperationId,
  req: Request,
  { store, portalBaseUrl }: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
): Promise<Callers[keyof Callers]> {
  const operation = operations[id];
  if (operation.auth === 'portalSession') return portalSession(req, store, portalBaseUrl);
  if (operation.auth === 'none') return undefined;
  const caller = await rootKey(req, store);
  requirePermission(caller, operation.permission);
  return caller;
}
