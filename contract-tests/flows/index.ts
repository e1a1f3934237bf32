import type { Flow } from '../engine/check.ts';
import type { Spec } from '../engine/spec.ts';
import account from './account.ts';
import backendKeys from './backend-keys.ts';
import configurations from './configurations.ts';
import { crossOrigin } from './cross-origin.ts';
import { heldRequests } from './held-requests.ts';
import hostnames from './hostnames.ts';
import identities from './identities.ts';
import keys from './keys.ts';
import policies from './policies.ts';
import portalCreateSession from './portal.createSession.ts';
import portalEndSession from './portal.endSession.ts';
import portalExchangeSession from './portal.exchangeSession.ts';
import portalGetSession from './portal.getSession.ts';
import portal from './portal.ts';
import { revocation } from './revocation.ts';
import { routing } from './routing.ts';
import scopes from './scopes.ts';
import sessions from './sessions.ts';

/** All promises that need more than one request. */
export const flows = (spec: Spec): Flow[] => [
  ...portalCreateSession,
  ...portalExchangeSession,
  ...portalGetSession,
  ...portalEndSession,
  ...configurations,
  ...hostnames,
  ...sessions,
  ...account,
  ...identities,
  ...keys,
  ...backendKeys,
  ...portal,
  ...policies,
  ...scopes,
  ...routing(spec),
  ...revocation(spec),
  ...heldRequests(spec),
  ...crossOrigin(spec),
];
