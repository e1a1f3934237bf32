import { auditing } from './audit.ts';
import { verifiesControl, verifiesControlAndReads, verifiesOwner, verifiesSession } from './callers.ts';
import { admitsIdentity } from './identity.ts';
import { countsBytes, lendsBytes, readsClock } from './quota.ts';
import { lendsCalls, lent, rate_limited } from './rate-limits.ts';
import { number, script, snippet, text } from './script.ts';

/** How long a session id can be exchanged, in seconds. */
const sessionTtlSeconds = 900;
/** How long a browser session is valid, in seconds. */
export const browserSessionTtlSeconds = 86_400;
/** For how long an exchange can be repeated, in seconds. */
const repeatSeconds = 300;
/** After this time no session can still be active, in seconds. */
export const longestLifeSeconds = sessionTtlSeconds + browserSessionTtlSeconds;

/** How many bytes a session takes besides its value, with its entries in the lists. */
export const sessionOverhead = 500;

/** `deadBelow` is the place below which all sessions of a list have ended, or '' if the lists are not settled. */
const settlesLists = snippet('settleLists', {
  args: ['deadBelow'],
  // Two hours more: the list of a portal gets it again after an hour at most.
  constants: { deadAtOnce: 100, listTtlSeconds: String(longestLifeSeconds + 7200) },
});

/** The end of an active session, in one that is pending. */
export const notExchanged = '0'.repeat(13);

const stored = { session: text, expiresAt: number };

/**
 * What a script replies if a session is of a portal, as `<portal id> <epoch>`, that is not in `openPortals`. This has
 * `\n<portal id> <epoch>` for each portal whose sessions its caller knows to be usable, and `\n`.
 */
const unknown_portal = { portal: text };

/**
 * Sessions. A session has one record, named by its handle, before and after the exchange. Its value is
 * `<SHA-256 of its credential> <expires, 13 digits, 0 before the exchange>\n<portal id> <epoch>\n<who>\n<grant as JSON>`, so that one
 * MGET finds a session with all that a call needs. `who` is the user as JSON, and then what an audit entry has about them besides.
 *
 * The three calls of every user are in createSession, exchangeSession and findSession. Their cost decides how many users one Redis
 * carries, so they have few functions and arguments, and leave to one call in many what not every call needs.
 */
export const sessionScripts = {
  createSession: script('createSession', {
    uses: [verifiesControl, admitsIdentity, auditing, settlesLists, lendsBytes],
    keys: ['session', 'portalSessions', 'userSessions'],
    // `session` is the value. `lent` is the hour in which its bytes are counted already, `lend` to lend more, or `count`.
    args: ['session', 'lent', 'place', 'maxSessions'],
    constants: { sessionTtlSeconds: String(sessionTtlSeconds), lentRecords: 63 },
    outcomes: { ok: { expiresAt: number, loan: number }, too_many_sessions: {}, quota_exceeded: {} },
  }),
  exchangeSession: script('exchangeSession', {
    // The record is the session.
    uses: [verifiesControlAndReads, auditing],
    keys: ['quota'],
    // `auditEntry` is what comes before its user, and this is the rest.
    args: [
      'restOfEntry',
      'sessionHash',
      'tokenHash',
      // `<portal id>\n<user as JSON>` of the user whom only the session of the same user can replace, or ''. Another text stands
      // for several users.
      'signedInUser',
      'openPortals',
    ],
    // The exchange can be repeated while the browser session has at least this long left.
    constants: {
      ...{ browserSessionTtlSeconds: String(browserSessionTtlSeconds), sessionOverhead, notExchanged },
      repeatableAboveSeconds: browserSessionTtlSeconds - repeatSeconds,
    },
    outcomes: {
      ok: { expiresAt: number },
      session_not_found: {},
      unknown_portal,
      other_user: {},
    },
  }),
  findSession: script('findSession', {
    writes: 'counts',
    uses: [verifiesSession, lendsCalls],
    args: ['openPortals'],
    outcomes: { ok: { session: text, ...lent }, unknown_portal, rate_limited },
  }),
  readSession: script('readSession', {
    writes: 'nothing',
    keys: ['session'],
    constants: { notExchanged },
    outcomes: { pending: stored, active: stored, not_found: {} },
  }),
  endSession: script('endSession', {
    uses: [verifiesOwner, auditing, readsClock, countsBytes],
    keys: ['session', 'portalSessions', 'userSessions'],
    args: ['place'],
    constants: { sessionOverhead },
    outcomes: { ok: {}, not_found: {} },
  }),
  sweepQuota: script('sweepQuota', {
    writes: 'counts',
    uses: [readsClock, countsBytes],
    outcomes: { ok: { bytes: number } },
  }),
};
