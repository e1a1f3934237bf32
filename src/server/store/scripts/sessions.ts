import { auditing } from './audit.ts';
import {
  checksOrigins,
  parsesSessions,
  readsEpochs,
  verifiesCaller,
  verifiesEntry,
  verifiesRootKey,
} from './callers.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { limitsCalls } from './rate-limits.ts';
import { number, script, snippet, text } from './script.ts';

const indexesSessions = snippet('addToIndex');
const checksReturnUrls = snippet('allowsReturnTo');

/** Limits the sessions of a user. */
const limitsSessions = snippet('refuseOverSessions', { args: ['maxSessions'], outcomes: { too_many_sessions: {} } });
const sizesSessions = snippet('sessionSize', { constants: { sessionOverhead: 700 } });

/**
 * Sessions. The value of a session is `<portalId>\n<epoch>\n<handle>\n<JSON>`. The record of its handle is
 * `<portalId>\n<epoch>\n<state>\n<hash of the credential>`, with the TTL of the credential.
 */
export const sessionScripts = {
  createSession: script('createSession', {
    uses: [
      verifiesRootKey,
      limitsCalls,
      auditing,
      readsEpochs,
      indexesSessions,
      checksReturnUrls,
      readsClock,
      countsBytes,
      limitsBytes,
      sizesSessions,
      limitsSessions,
    ],
    // `handles` is the prefix of all handles.
    keys: ['portalSlugs', 'portals', 'portalEpochs', 'session', 'handle', 'handles', 'portalSessions', 'userSessions'],
    args: [
      'slug',
      'handle',
      'grant',
      'ttlSeconds',
      'hash',
      'place',
      // Sessions of the indexes below this place have ended.
      'deadBelow',
      'indexTtlSeconds',
      // The origin of the session's own return URL, or ''.
      'returnOrigin',
    ],
    outcomes: { ok: { expiresAt: number }, portal_not_found: {}, portal_disabled: {}, return_url_refused: {} },
  }),
  exchangeSession: script('exchangeSession', {
    uses: [parsesSessions, verifiesEntry, auditing, readsClock, countsBytes, sizesSessions],
    keys: ['session', 'browserSession', 'handle'],
    // The exchange can be repeated while the browser session has at least `repeatableAboveSeconds` left.
    args: [
      'ttlSeconds',
      'tokenHash',
      'repeatableAboveSeconds',
      // `<portalId>\n<externalId>` of the user whom the session must not replace, or ''. Another text stands for any user.
      'signedInUser',
    ],
    outcomes: { ok: { expiresAt: number }, other_user: {} },
  }),
  findSession: script('findSession', {
    uses: [limitsCalls, parsesSessions, readsEpochs, checksOrigins],
    keys: ['browserSession', 'portals', 'workspace', 'portalEpochs'],
    outcomes: { ok: { session: text, expiresAt: number, portal: text, workspace: text }, session_not_found: {} },
  }),
  findPortalOfHandle: script('findPortalOfHandle', {
    keys: ['handle', 'portals'],
    outcomes: { ok: { portal: text }, not_found: {} },
  }),
  endSession: script('endSession', {
    uses: [verifiesCaller, auditing, readsClock, countsBytes, sizesSessions],
    keys: ['credential', 'handle', 'portalSessions', 'userSessions'],
    args: ['place', 'recordRead'],
    outcomes: { ok: {}, changed: {}, not_found: {} },
  }),
  endPortalSessions: script('endPortalSessions', {
    uses: [verifiesCaller, auditing],
    keys: ['portalSlugs', 'portalEpochs', 'portalSessions'],
    args: ['slug'],
    outcomes: { ok: { count: number } },
  }),
};
