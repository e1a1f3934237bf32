/**
 * How a script proves its caller. Every script that writes on behalf of a caller calls one of `refuseCaller`, `refuseRootKey`
 * and `refuseSession` before anything else. What it does after that, it does for a caller that was valid in that very moment.
 */
import { snippet } from './script.ts';

export const parsesSessions = snippet('parseSession');
export const readsEpochs = snippet('epochOf');
/** `pageOrigin` is the origin of the page that sends the request, or '' if it is a page of the portal or no page. */
export const checksOrigins = snippet('allowsOrigin', { args: ['pageOrigin'], outcomes: { origin_refused: {} } });

/** Verifies the root key of a call. */
export const verifiesRootKey = snippet('refuseRootKey', {
  keys: ['rootKeys', 'workspace'],
  args: ['rootKeyHash'],
  outcomes: { root_key_not_found: {}, workspace_not_found: {}, workspace_disabled: {} },
});

/** Verifies that a session of a portal can be used. */
export const verifiesEntry = snippet('refuseEntry', {
  uses: [readsEpochs, checksOrigins],
  keys: ['workspace', 'portals', 'portalEpochs'],
  outcomes: { session_not_found: {}, workspace_disabled: {}, portal_disabled: {} },
});

/** Verifies the browser session of a call. */
export const verifiesSession = snippet('refuseSession', {
  uses: [parsesSessions, verifiesEntry],
  keys: ['browserSession'],
});

/** Verifies a caller of any kind. `callerType` is the type of their actor in the audit log. */
export const verifiesCaller = snippet('refuseCaller', {
  uses: [verifiesRootKey, verifiesSession],
  args: ['callerType'],
});
