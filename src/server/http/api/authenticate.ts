import type { Request } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { sha256 } from '../../domain/credentials.ts';
import { networkOf } from '../../domain/networks.ts';
import { firstMissing, holdsForSome } from '../../domain/permissions.ts';
import { type RequestHost, requireHost } from '../../domain/portals/hosts.ts';
import { authenticatePortalSession } from '../../domain/sessions/sessions.ts';
import {
  authenticateRootKey,
  cachedRootKey,
  findRootKey,
  requirePermission,
} from '../../domain/workspaces/root-keys.ts';
import { type Caller, type CallerOf, type OperationDeps, verifiesRootKey } from '../../operations/operation.ts';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { refuseBlocked } from '../address-limits.ts';
import { readSessionCookies } from '../session-cookie.ts';

/** The credential of `Authorization: Bearer <credential>` (RFC 6750, scheme in any case), or undefined. */
export const bearerOf = (header: string): string | undefined => /^Bearer +(\S+) *$/i.exec(header)?.[1];

/**
 * Whether the header has the scheme Bearer (RFC 9110, section 11.4), with or without a usable credential. Another scheme is
 * that of somebody in front of the server, such as a proxy with HTTP Basic.
 */
const isBearer = (header: string): boolean => /^Bearer( |$)/i.test(header);

/** The caller of an operation. */
export interface Authentication<Id extends OperationId> {
  caller: CallerOf<Id>;
  /** The credential itself, if the caller has one. */
  credential?: string;
  /**
   * Exists if the operation itself counts the call, and verifies the caller if that is a cached root key. A refusal that comes
   * before that, such as one of the input, must wait for `confirm`: it counts the call, and throws if the caller is over the limit
   * or the root key is no longer valid.
   */
  confirm?: () => Promise<unknown>;
}

/** Where a request was sent from, and to. */
export interface Sent {
  /** The host that it was sent to. */
  host: RequestHost;
  /** The origin of the page that sends it, if it is a page of another origin than the portal. */
  pageOrigin: string | undefined;
}

const takesCachedRootKey: ReadonlySet<OperationId> = new Set(verifiesRootKey);

async function rootKey(
  id: OperationId,
  permission: string,
  req: Request,
  store: Store,
): Promise<Authentication<(typeof verifiesRootKey)[number]>> {
  const { headers } = req;
  const { authorization } = headers;
  if (authorization === undefined || authorization === '') throw new Problem('unkey/authentication/missing');
  const bearer = bearerOf(authorization);
  if (bearer === undefined) throw new Problem('unkey/authentication/malformed');
  // A stored response is returned without running the operation, which then could not verify the key.
  const cached =
    takesCachedRootKey.has(id) && headers['idempotency-key'] === undefined ? cachedRootKey(store, bearer) : undefined;
  if (cached !== undefined && firstMissing(cached.unverified.permissions, [permission]) === undefined) {
    return { caller: cached, credential: bearer, confirm: () => authenticateRootKey(store, bearer) };
  }
  if (cachedRootKey(store, bearer) === undefined) refuseBlocked(store, req, [bearer]);
  const caller = await authenticateRootKey(store, bearer);
  // The operation checks the permission on the API of the call.
  const isPerApi = 'permissionPerApi' in operations[id] && holdsForSome(caller.permissions, permission);
  if (!isPerApi) requirePermission(caller.permissions, permission);
  return { caller, credential: bearer };
}

async function portalSession(
  req: Request,
  { store, portalBaseUrl }: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
  { pageOrigin, host }: Sent,
): Promise<Authentication<'portal.getSession'>> {
  const { authorization = '' } = req.headers;
  // An explicit header takes precedence over the cookie, even if it has no usable token.
  const fromHeader = isBearer(authorization);
  const given = fromHeader ? [bearerOf(authorization) ?? ''] : readSessionCookies(req, portalBaseUrl);
  // A caller that mixes up root key and token is helped more by this than by "not found".
  const tokens = given.filter((token) => token !== '' && !token.startsWith('rk_'));
  if (tokens.length === 0) throw new Problem('unkey/authentication/portal_token_missing');
  refuseBlocked(store, req, tokens);
  const caller = await authenticatePortalSession(store, tokens, pageOrigin);
  store.failedAuthentication.accept(caller.ref.hash);
  requireHost(caller.portal, host);
  const credential = tokens.length === 1 ? tokens[0] : tokens.find((token) => sha256(token) === caller.ref.hash);
  return { caller, ...(credential !== undefined && { credential }) };
}

/**
 * Refuses a stranger before a body is read that is larger than others can be: it is in memory until the caller is authenticated. It
 * counts no call.
 *
 * @throws Problem missing, malformed, key_not_found, workspace_not_found, workspace_disabled, rate_limited
 */
export async function refuseStranger(req: Request, store: Store): Promise<void> {
  const { authorization = '' } = req.headers;
  if (authorization === '') throw new Problem('unkey/authentication/missing');
  const bearer = bearerOf(authorization);
  if (bearer === undefined) throw new Problem('unkey/authentication/malformed');
  if (cachedRootKey(store, bearer) === undefined) refuseBlocked(store, req, [bearer]);
  await findRootKey(store, bearer);
}

/**
 * Authenticates the caller and checks that they can call the operation: a root key must have the permission that the
 * contract declares, and the portal of a session must allow the page that sends the request, and be served at its host. Comes before validation, so that a
 * stranger learns nothing about the input.
 *
 * @throws Problem of 401, 403, 404, 429 or 503
 */
export async function authenticate<Id extends OperationId>(
  id: Id,
  req: Request,
  deps: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
  sent: Sent,
): Promise<Authentication<Id>>;
export async function authenticate(
  id: OperationId,
  req: Request,
  deps: Pick<OperationDeps, 'store' | 'portalBaseUrl'>,
  sent: Sent,
): Promise<{ caller: Caller; credential?: string; confirm?: () => Promise<unknown> }> {
  const operation = operations[id];
  if (operation.auth === 'portalSession') return portalSession(req, deps, sent);
  // A valid exchange counts itself, together with the exchange. One that is refused before that counts too.
  if (id === 'portal.exchangeSession') {
    return { caller: undefined, confirm: () => deps.store.countExchange(networkOf(req.ip)) };
  }
  if (operation.auth === 'none') return { caller: undefined };
  return rootKey(id, operation.permission, req, deps.store);
}
