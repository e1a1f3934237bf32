import cookieParser from 'cookie-parser';
import type { Request, Response } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { firstMissing } from '../../domain/permissions.ts';
import { authenticatePortalSession } from '../../domain/sessions/sessions.ts';
import { authenticateRootKey, cachedRootKey, requirePermission } from '../../domain/workspaces/root-keys.ts';
import { type Caller, type CallerOf, type OperationDeps, verifiesRootKey } from '../../operations/operation.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { readSessionCookie } from '../session-cookie.ts';
import { isCrossOrigin } from './cross-origin.ts';

/** The credential of `Authorization: Bearer <credential>` (RFC 6750, scheme in any case), or undefined. */
export const bearerOf = (header: string): string | undefined => /^Bearer +(\S+) *$/i.exec(header)?.[1];

/** The caller of an operation. */
export interface Authentication<Id extends OperationId> {
  caller: CallerOf<Id>;
  /**
   * Exists if the caller is a cached root key, which the operation itself verifies. A refusal that comes before that, such
   * as one of the input, must wait for `confirm`: it throws if the root key is no longer valid.
   */
  confirm?: () => Promise<unknown>;
}

const takesCachedRootKey: ReadonlySet<OperationId> = new Set(verifiesRootKey);

async function rootKey(
  id: OperationId,
  permission: string,
  { headers }: Request,
  store: Store,
): Promise<Authentication<(typeof verifiesRootKey)[number]>> {
  const { authorization } = headers;
  if (authorization === undefined || authorization === '') throw new Problem('unkey/authentication/missing');
  const bearer = bearerOf(authorization);
  if (bearer === undefined) throw new Problem('unkey/authentication/malformed');
  // A stored response is returned without running the operation, which then could not verify the key.
  const cached =
    takesCachedRootKey.has(id) && headers['idempotency-key'] === undefined ? cachedRootKey(store, bearer) : undefined;
  if (cached !== undefined && firstMissing(cached.unverified.permissions, [permission]) === undefined) {
    return { caller: cached, confirm: () => authenticateRootKey(store, bearer) };
  }
  const caller = await authenticateRootKey(store, bearer);
  requirePermission(caller.permissions, permission);
  return { caller };
}

const parseCookies = cookieParser();

async function portalSession(
  req: Request,
  res: Response,
  store: Store,
  portalBaseUrl: string,
): Promise<Authentication<'portal.getSession'>> {
  const { authorization } = req.headers;
  parseCookies(req, res, () => {});
  // An explicit header takes precedence over the cookie, even if it has no usable token.
  const token = authorization ? bearerOf(authorization) : readSessionCookie(req);
  // A caller that mixes up root key and token is helped more by this than by "not found".
  if (token === undefined || token.startsWith('rk_')) throw new Problem('unkey/authentication/portal_token_missing');
  // A browser adds the cookie to requests of any page, but never the header.
  if (!authorization && isCrossOrigin(req.headers, portalBaseUrl))
    throw new Problem('unkey/authorization/foreign_origin');
  return { caller: await authenticatePortalSession(store, token) };
}

/**
 * Authenticates the caller and checks that they can call the operation: a root key must have the permission that the
 * contract declares. Comes before validation, so that a stranger learns nothing about the input.
 *
 * @throws Problem of 401, 403, 404, 429 or 503
 */
export async function authenticate<Id extends OperationId>(
  id: Id,
  req: Request,
  res: Response,
  deps: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
): Promise<Authentication<Id>>;
export async function authenticate(
  id: OperationId,
  req: Request,
  res: Response,
  { store, portalBaseUrl }: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
): Promise<{ caller: Caller; confirm?: () => Promise<unknown> }> {
  const operation = operations[id];
  if (operation.auth === 'portalSession') return portalSession(req, res, store, portalBaseUrl);
  if (operation.auth === 'none') return { caller: undefined };
  return rootKey(id, operation.permission, req, store);
}
