import { auditing } from './audit.ts';
import { verifiesControl, verifiesOwner } from './callers.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { limitsCalls } from './rate-limits.ts';
import { number, script, snippet, text } from './script.ts';

const parsesSessions = snippet('parseSession');
/** Removes sessions that have ended from an index. `deadBelow` is the place below which all have. */
const settlesIndexes = snippet('settleIndex', {
  args: ['deadBelow', 'indexTtlSeconds'],
  constants: { deadAtOnce: 100, fewSessions: 16 },
});

/** Limits the sessions of a user. */
const limitsSessions = snippet('refuseOverSessions', { args: ['maxSessions'], outcomes: { too_many_sessions: {} } });
const sizesSessions = snippet('sessionSize', { constants: { sessionOverhead: 700 } });

/**
 * Sessions. The value of a session is `<portal id>\n<epoch>\n<handle>\n<user as JSON>\n<grant as JSON>`. The record of its handle is
 * `<portal id>\n<epoch>\n<state>\n<hash of the credential>`, with the TTL of the credential.
 */
export const sessionScripts = {
  createSession: script('createSession', {
    uses: [
      verifiesControl,
      auditing,
      settlesIndexes,
      readsClock,
      countsBytes,
      limitsBytes,
      sizesSessions,
      limitsSessions,
    ],
    // `handles` is the prefix of all handles.
    keys: ['session', 'handle', 'handles', 'portalSessions', 'userSessions'],
    // `session` and `handleRecord` are the values. `isSettling` is 1 if the index of the portal is settled, too.
    args: ['session', 'handleRecord', 'ttlSeconds', 'place', 'isSettling'],
    outcomes: { ok: { expiresAt: number } },
  }),
  exchangeSession: script('exchangeSession', {
    uses: [verifiesControl, parsesSessions, auditing, readsClock, countsBytes, sizesSessions],
    keys: ['session', 'browserSession', 'handle'],
    // The exchange can be repeated while the browser session has at least `repeatableAboveSeconds` left.
    args: [
      'ttlSeconds',
      'tokenHash',
      'repeatableAboveSeconds',
      // `<portal id>\n<user as JSON>` of the user whom the session must not replace, or ''. Another text stands for any user.
      'signedInUser',
      // `\n<portal id> <epoch>` for each portal whose sessions the caller knows to be usable, and `\n`.
      'openPortals',
      // How many bytes of the audit entry come before its user, which is "" there.
      'userAt',
    ],
    outcomes: {
      ok: { expiresAt: number },
      session_not_found: {},
      unknown_portal: { portalId: text, epoch: text },
      other_user: {},
    },
  }),
  findSession: script('findSession', {
    uses: [verifiesControl, limitsCalls],
    keys: ['browserSession'],
    outcomes: { ok: { session: text, expiresAt: number }, session_not_found: {} },
  }),
  endSession: script('endSession', {
    uses: [verifiesOwner, auditing, readsClock, countsBytes, sizesSessions],
    keys: ['credential', 'handle', 'portalSessions', 'userSessions'],
    args: ['place', 'recordRead'],
    outcomes: { ok: {}, changed: {}, not_found: {} },
  }),
};
