import cookieParser from 'cookie-parser';
import type { Request, Response } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { firstMissing } from '../../domain/permissions.ts';
import { authenticatePortalSession } from '../../domain/sessions/sessions.ts';
import { authenticateRootKey, recallRootKey, requirePermission } from '../../domain/workspaces/root-keys.ts';
import type { Callers, OperationDeps } from '../../operations/operation.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { readSessionCookie } from '../session-cookie.ts';
import { isForeign } from './cross-origin.ts';

/** The credential of `Authorization: Bearer <credential>` (RFC 6750, scheme in any case), or undefined. */
export const bearerOf = (header: string): string | undefined => /^Bearer +(\S+) *$/i.exec(header)?.[1];

/** Who is calling. */
export interface Authentication<Id extends OperationId> {
  caller: Callers[(typeof operations)[Id]['auth']];
  /**
   * There where the caller is only remembered, and the operation itself proves them. Whatever is said instead of doing
   * it, about the input for one, must not be said before this: it throws where the caller is not good any more.
   */
  confirm?: () => Promise<unknown>;
}

/** What proves a root key in its own step of Redis, and so need not ask before. */
const proveThemselves: ReadonlySet<OperationId> = new Set(['portal.createSession', 'keys.verifyKey']);

async function rootKey(
  id: OperationId,
  permission: string,
  { headers }: Request,
  store: Store,
): Promise<Authentication<'keys.verifyKey'>> {
  const { authorization } = headers;
  if (authorization === undefined || authorization === '') throw new Problem('unkey/authentication/missing');
  const bearer = bearerOf(authorization);
  if (bearer === undefined) throw new Problem('unkey/authentication/malformed');
  // A kept answer is given without the operation, so nothing would prove the key then.
  const remembered =
    proveThemselves.has(id) && headers['idempotency-key'] === undefined ? recallRootKey(store, bearer) : undefined;
  if (remembered !== undefined && firstMissing(remembered.permissions, [permission]) === undefined) {
    return { caller: remembered, confirm: () => authenticateRootKey(store, bearer) };
  }
  const caller = await authenticateRootKey(store, bearer);
  requirePermission(caller, permission);
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
  // An explicit header outranks the cookie, also where it holds nothing of use: the caller meant something by it.
  const token = authorization ? bearerOf(authorization) : readSessionCookie(req);
  // A root key is no portal session, and saying so beats "not found" for whoever mixes the two up.
  if (token === undefined || token.startsWith('rk_')) throw new Problem('unkey/authentication/portal_token_missing');
  // The browser adds a cookie to whatever page asks for it; a header it does not.
  if (!authorization && isForeign(req.headers, portalBaseUrl)) throw new Problem('unkey/authorization/foreign_origin');
  return { caller: await authenticatePortalSession(store, token) };
}

/**
 * Who is calling, and whether they may call this at all: a root key must hold the permission that the contract declares
 * for the operation. Stands before validation, so that a stranger learns nothing about what the input should be.
 *
 * @throws Problem of 401, 403 or 404; RateLimited; StoreUnavailable
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
): Promise<{ caller: Callers[keyof Callers]; confirm?: () => Promise<unknown> }> {
  const operation = operations[id];
  if (operation.auth === 'portalSession') return portalSession(req, res, store, portalBaseUrl);
  if (operation.auth === 'none') return { caller: undefined };
  return rootKey(id, operation.permission, req, store);
}
