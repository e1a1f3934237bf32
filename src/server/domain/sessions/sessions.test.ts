import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { partitionOf } from '../../store/partitions.ts';
import type { SessionRef, VerifiedRootKey } from '../../store/proof.ts';
import { newSessionId, newToken, sessionRef } from '../credentials.ts';
import { sessionCreated, sessionExchanged } from '../events.ts';
import {
  type AuthenticatedSession,
  authenticatePortalSession,
  createSession,
  endSession,
  exchangeSession,
  type SessionRequest,
  SeveralSessions,
  sessionOfLink,
} from './sessions.ts';

const workspaceId = 'ws_0123456789ab';
const place = partitionOf({ workspaceId, externalId: 'ann' });
const from = { ip: '192.0.2.1', requestId: 'req_1' };
const notFound = 'unkey/authentication/portal_session_not_found';
const now = 1_800_000_000_000;

let events: string[];
const created = () => void events.push('created');
const exchanged = () => void events.push('exchanged');
beforeEach(() => {
  events = [];
  subscribe(sessionCreated.name, created);
  subscribe(sessionExchanged.name, exchanged);
  jest.useFakeTimers({ now });
});
afterEach(() => {
  unsubscribe(sessionCreated.name, created);
  unsubscribe(sessionExchanged.name, exchanged);
  jest.useRealTimers();
});

describe('the creation of a session', () => {
  const actor = { type: 'root_key', id: 'rkid_1' } as const;
  const rootKey = {
    workspaceId,
    actor,
    permissions: ['portal.*.read_account', 'api.*.*'],
  } as unknown as VerifiedRootKey;
  const request: SessionRequest = { slug: 'acme', externalId: 'ann', permissions: ['api.*.read_key'], preview: false };

  /** What the store gets. */
  function watched() {
    const writes: unknown[][] = [];
    const create = async (...args: unknown[]) => {
      writes.push(args);
      return { expiresAt: 7, hostname: 'keys.acme.example' };
    };
    return { writes, store: { sessions: { create } } as unknown as Store };
  }

  test.each<[string, Partial<SessionRequest>, Partial<SessionRequest>]>([
    ['no more than it must have', {}, {}],
    [
      'all that it can have',
      { actor: { id: 'p1', name: ' Cafe\u0301 ' }, locale: 'PT-br', tab: 'keys', returnUrl: 'https://acme.example/a' },
      { actor: { id: 'p1', name: 'Café' }, locale: 'pt-BR', tab: 'keys', returnUrl: 'https://acme.example/a' },
    ],
    ['a person without a name', { actor: { id: 'p1' } }, { actor: { id: 'p1' } }],
  ])('stores %s', async (_, more, stored) => {
    const { writes, store } = watched();
    const { sessionId, ...rest } = await createSession(store, rootKey, { ...request, ...more }, from);
    const ref = sessionRef('pst', sessionId);
    const after = { ...request, ...stored };
    const resource = { type: 'session', id: ref?.handle };
    expect(writes).toStrictEqual([
      [
        ref,
        { ...after, createdAt: now },
        { proof: rootKey, entry: { action: 'session.create', actor, ...from, resource, after } },
      ],
    ]);
    expect(rest).toEqual({ expiresAt: 7, hostname: 'keys.acme.example' });
    expect([ref?.partition, events]).toEqual([place.partition, ['created']]);
  });

  const needed = (fix: string) => [{ location: 'body.tab', message: 'is not visible with these permissions', fix }];
  const invalid = (field: string) => [expect.objectContaining({ location: `body.${field}` })];
  test.each<[string, Partial<SessionRequest>, unknown[]]>([
    ['a tab without permissions', { tab: 'docs', permissions: [] }, needed('Grant a permission that shows it.')],
    [
      'a tab without its permission',
      { tab: 'account' },
      needed('Use keys, docs, or grant a permission that shows it.'),
    ],
    ['an unclear user', { externalId: 'a\ufffd' }, invalid('externalId')],
    ['an unclear person', { actor: { id: '\u0007' } }, invalid('actor.id')],
    ['an invisible name of a person', { actor: { id: 'p1', name: '\u200b' } }, invalid('actor.name')],
    ['a place to return to that is no URL', { returnUrl: 'http://acme.example' }, invalid('returnUrl')],
    ['a language that is none', { locale: 'de_DE' }, invalid('locale')],
  ])('writes nothing for %s', async (_, more, failures) => {
    const { writes, store } = watched();
    await expect(createSession(store, rootKey, { ...request, ...more }, from)).rejects.toMatchObject({ failures });
    expect([writes, events]).toEqual([[], []]);
  });

  test('grants no permission that the root key does not have', async () => {
    const { writes, store } = watched();
    const code = 'unkey/authorization/insufficient_permissions';
    const more = createSession(store, rootKey, { ...request, permissions: ['portal.*.other'] }, from);
    await expect(more).rejects.toMatchObject({ code });
    expect(writes).toEqual([]);
  });
});

/** Sessions of a browser by a name. The outcome of a look-up is the session, or its failure. */
const tokens = Object.fromEntries(
  ['ann', 'bob', 'gone', 'disabled', 'limited', 'away', 'broken', 'odd'].map((name) => [
    name,
    newToken(newSessionId(place)),
  ]),
);
const failures: Record<string, unknown> = {
  gone: new Problem(notFound),
  disabled: new Problem('unkey/authorization/forbidden'),
  limited: new Problem('user/too_many_requests/rate_limited'),
  away: new Problem('unkey/application/service_unavailable'),
  broken: new Problem('unkey/application/unexpected_error'),
  odd: new TypeError('a bug'),
};
const sessionOf = (externalId: string) => ({ portal: { portalId: 'portal_1', name: 'Acme' }, grant: { externalId } });
const plaintextOf = (name: string) => tokens[name]?.plaintext ?? name;
const verify = async (ref: SessionRef, pageOrigin?: string) => {
  const name = Object.keys(tokens).find((each) => tokens[each]?.hash === ref.hash) ?? '';
  if (name in failures) throw failures[name];
  return { ...sessionOf(name), pageOrigin };
};

describe('the session of a browser', () => {
  const store = { sessions: { verify } } as unknown as Store;
  const foundFor = (names: string[]) => authenticatePortalSession(store, names.map(plaintextOf), 'https://a.example');

  test.each([[['ann']], [['no token', 'ann', '']], [['gone', 'ann']], [['ann', 'gone', 'gone', 'gone']]])(
    'is that of the only token with an active one: %j',
    async (names) => {
      expect(await foundFor(names)).toEqual({ ...sessionOf('ann'), pageOrigin: 'https://a.example' });
    },
  );

  test.each([
    [[], notFound],
    [['no token'], notFound],
    [['gone'], notFound],
    [['gone', 'gone'], notFound],
    [['disabled'], 'unkey/authorization/forbidden'],
    [['gone', 'disabled'], 'unkey/authorization/forbidden'],
    [['limited', 'gone'], 'user/too_many_requests/rate_limited'],
    // Nobody knows whether there is another session.
    [['ann', 'away'], 'unkey/application/service_unavailable'],
    [['away', 'ann'], 'unkey/application/service_unavailable'],
    [['ann', 'broken', 'bob'], 'unkey/application/unexpected_error'],
    [['gone', 'broken'], 'unkey/application/unexpected_error'],
  ])('is not found with the tokens %j', async (names, code) => {
    const session = foundFor(names);
    await expect(session).rejects.toMatchObject({ code });
    await expect(session).rejects.not.toBeInstanceOf(SeveralSessions);
  });

  test('is not found if its look-up has a bug', async () => {
    await expect(foundFor(['ann', 'odd'])).rejects.toThrow('a bug');
  });

  test.each([
    [['ann', 'bob']],
    [['ann', 'disabled']],
    [['limited', 'gone', 'disabled']],
    [['ann', 'gone', 'gone', 'gone', 'gone']],
  ])('is none of several, and of more than four tokens: %j', async (names) => {
    const session = foundFor(names);
    await expect(session).rejects.toBeInstanceOf(SeveralSessions);
    await expect(session).rejects.toMatchObject({ code: notFound });
  });
});

describe('the exchange of a session id', () => {
  const { plaintext: sessionId, ...ref } = newSessionId(place);

  /** What the store is asked. `counted` and `exchange` fail the two steps. */
  function watched({ counted, exchange }: { counted?: Error; exchange?: Error } = {}) {
    const asked: unknown[][] = [];
    const store = {
      sessions: {
        verify,
        exchange: async (...args: unknown[]) => {
          asked.push(args);
          if (exchange !== undefined) throw exchange;
          return { expiresAt: 9, secret: 'not for the browser' };
        },
      },
      countExchange: async (network: string) => {
        asked.push([network]);
        if (counted !== undefined) throw counted;
      },
    };
    return { asked, store: store as unknown as Store };
  }

  test('returns the token of a new session, and takes down who has done it', async () => {
    const { asked, store } = watched();
    const requirePortal = () => {};
    const { token, ...rest } = await exchangeSession(
      store,
      sessionId,
      from,
      undefined,
      'https://a.example',
      [],
      requirePortal,
    );
    const actor = { type: 'user', id: ref.handle };
    const entry = { action: 'session.exchange', actor, ...from, resource: { type: 'session', id: ref.handle } };
    expect(asked).toStrictEqual([
      [from.ip],
      [ref, sessionRef('ps', token), entry, { pageOrigin: 'https://a.example', signedIn: 'nobody', requirePortal }],
    ]);
    expect([rest, events]).toStrictEqual([{ expiresAt: 9 }, ['exchanged']]);
  });

  test('returns the same token only for the same key of a repetition', async () => {
    const { store } = watched();
    const tokenFor = async (key?: string) => (await exchangeSession(store, sessionId, from, key)).token;
    const [one, two] = [await tokenFor('one'), await tokenFor('two')];
    expect(await tokenFor('one')).toBe(one);
    expect(new Set([one, two, await tokenFor(), await tokenFor()]).size).toBe(4);
  });

  test.each([
    [[], 'nobody'],
    [['no token'], 'nobody'],
    [['gone'], 'nobody'],
    [['disabled'], 'nobody'],
    [['ann', 'gone'], { portalId: 'portal_1', externalId: 'ann' }],
    [['ann', 'bob'], 'several'],
  ])('says who is signed in with the tokens %j', async (names, signedIn) => {
    const { asked, store } = watched();
    await exchangeSession(store, sessionId, from, undefined, undefined, names.map(plaintextOf));
    expect(asked[1]?.[3]).toEqual({ signedIn });
  });

  test.each(['limited', 'away', 'odd'])('does not begin if the session of the cookie is %j', async (name) => {
    const { asked, store } = watched();
    const exchange = exchangeSession(store, sessionId, from, undefined, undefined, [plaintextOf(name)]);
    await expect(exchange).rejects.toBe(failures[name]);
    expect([asked, events]).toEqual([[], []]);
  });

  const [limit, refusal] = [new Error('too many'), new Error('refused')];
  test.each([
    ['a limit alone does not', { counted: limit }, undefined],
    ['a refusal does', { exchange: refusal }, refusal],
    ['a limit does before a refusal', { counted: limit, exchange: refusal }, limit],
  ])('fails for a reason: %s', async (_, steps, reason) => {
    const { store } = watched(steps);
    const failure = await exchangeSession(store, sessionId, from).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBe(reason);
    expect(events).toEqual(reason === undefined ? ['exchanged'] : []);
  });

  test.each([
    ['is counted', {}, { code: notFound }],
    ['is refused if there were too many', { counted: limit }, limit],
  ])('of a text that is no id %s', async (_, steps, failure) => {
    const { asked, store } = watched(steps);
    await expect(exchangeSession(store, 'pst_x', { ip: '2001:db8::1' })).rejects.toMatchObject(failure);
    expect([asked, events]).toEqual([[['2001:db8::/64']], []]);
  });

  test('is not needed to know whose link it is', async () => {
    const findLinked = async (link: SessionRef) => ({ found: link });
    const store = { sessions: { findLinked } } as unknown as Store;
    expect(await sessionOfLink(store, sessionId)).toEqual({ found: ref });
    expect(await sessionOfLink(store, 'pst_x')).toBeUndefined();
  });
});

test('the end of a session is an error if it has ended before', async () => {
  const actor = { type: 'user', id: 'sess_1' };
  const session = { handle: 'sess_1', ref: { workspaceId }, actor } as unknown as AuthenticatedSession;
  const calls: unknown[][] = [];
  const end = async (...args: unknown[]) => calls.push(args) === 1;
  const store = { sessions: { end } } as unknown as Store;
  await endSession(store, session, from);
  const entry = { action: 'session.end', actor, ...from, resource: { type: 'session', id: 'sess_1' } };
  expect(calls).toEqual([[workspaceId, session, { proof: session, entry }]]);
  await expect(endSession(store, session, from)).rejects.toMatchObject({ code: notFound });
});
