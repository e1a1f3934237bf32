/** The checker of histories, the short form of the proof, and the planted faults that it has to find. */

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildChecker, checkHistory } from '../../scripts/proofs/histories/check.ts';
import { type Call, tableOf } from '../../scripts/proofs/histories/history.ts';
import { inTurn, kinds } from '../../scripts/proofs/histories/plan.ts';
import { noonZone, openRun } from '../../scripts/proofs/histories/run.ts';
import { faultsOf } from '../../scripts/proofs/histories/stage.ts';
import { randomOf } from '../support/random.ts';

// Builds it outside of the time of a test.
beforeAll(() => buildChecker());

type Written = [op: string, from: number, to: number, more?: Partial<Call>];

/** A history by hand: each call with its times. Each client has one call. */
const historyOf = (model: Call['model'], part: number, calls: Written[]): Call[] =>
  calls.map(([op, at, until, more], client) => ({
    ...{ object: model, model, part, client, server: 'a', result: 'ok' },
    ...{ op, at: at * 1000, until: until * 1000, ...more },
  }));

const unknown = { result: 'unknown' };
const forbidden = { result: 'forbidden' };
const over = { result: 'portal_session_not_found' };
const created: Written = ['createSession', 0, 1];
const exchange = (from: number, to: number, more: Partial<Call>): Written => ['exchangeSession', from, to, more];
const read = (from: number, to: number, more: Partial<Call> = {}): Written => [
  'getSession',
  from,
  to,
  { with: 'T', ...more },
];
const T = { value: 'T' };

const sessions: Record<string, [isCorrect: boolean, calls: Written[]]> = {
  'one exchange wins': [true, [created, exchange(2, 5, T), exchange(3, 4, over)]],
  'two exchanges win': [false, [created, exchange(2, 5, T), exchange(3, 4, { value: 'U' })]],
  'a repeated exchange gets the same token': [
    true,
    [created, exchange(2, 3, { with: 'a', ...T }), exchange(4, 5, { with: 'a', ...T }), exchange(6, 7, over)],
  ],
  'a repeated exchange gets another token': [
    false,
    [created, exchange(2, 3, { with: 'a', ...T }), exchange(4, 5, { with: 'a', value: 'U' })],
  ],
  'a lost exchange has spent the id': [true, [created, exchange(2, 3, unknown), exchange(4, 5, over)]],
  'nobody has spent the id': [false, [created, exchange(4, 5, over)]],
  'a lost exchange does not win after another one': [true, [created, exchange(2, 3, unknown), exchange(4, 5, T)]],
  'a session is used while it is revoked': [
    true,
    [created, exchange(2, 3, T), ['revokeSession', 4, 9], read(5, 6), read(7, 8, over)],
  ],
  'a session is used after it was revoked': [false, [created, exchange(2, 3, T), ['revokeSession', 4, 5], read(6, 7)]],
  'a session that one server refused is used': [
    false,
    [created, exchange(2, 3, T), ['revokeSession', 4, 9], read(5, 6, over), read(7, 8)],
  ],
  'a lost revocation takes effect later': [
    true,
    [created, exchange(2, 3, T), ['revokeSession', 4, 5, unknown], read(6, 7), read(8, 9, over)],
  ],
  'a session is back after its portal was disabled': [
    false,
    [created, exchange(2, 3, T), ['disable', 4, 5], ['enable', 6, 7], read(8, 9)],
  ],
  'a disabled portal refuses, and then its sessions are over': [
    true,
    [created, exchange(2, 3, T), ['disable', 4, 5], read(6, 7, forbidden), ['enable', 8, 9], read(10, 11, over)],
  ],
  'a session is created while another one of the user is refused': [
    false,
    [created, ['disable', 2, 9], ['createOther', 3, 4, forbidden], exchange(5, 6, T)],
  ],
};

const key = (from: number, to: number, more: Partial<Call>): Written => ['verifyKey', from, to, { with: 'K', ...more }];
const made: Written = ['createKey', 0, 1, { value: 'K' }];
const valid = { result: 'VALID' };
const rerolled = (from: number, to: number, more: Partial<Call>): Written => [
  'rerollKey',
  from,
  to,
  { with: 'a', ...more },
];
const keyHistories: Record<string, [boolean, Written[]]> = {
  'a deleted key is not found': [
    true,
    [made, key(2, 3, valid), ['deleteKey', 4, 5], key(6, 7, { result: 'NOT_FOUND' })],
  ],
  'a deleted key is valid': [false, [made, ['deleteKey', 4, 5], key(6, 7, valid)]],
  'a key is created twice': [false, [made, ['createKey', 2, 3, { value: 'L' }]]],
  'two rerolls succeed': [false, [made, rerolled(2, 5, { value: 'L' }), rerolled(3, 6, { with: 'b', value: 'M' })]],
  'a reroll without an overlap ends the key': [
    true,
    [
      made,
      rerolled(2, 3, { value: 'L' }),
      key(4, 5, { result: 'EXPIRED' }),
      key(6, 7, { part: 1, with: 'L', ...valid }),
    ],
  ],
  'a rerolled key is valid without an overlap': [false, [made, rerolled(2, 3, { value: 'L' }), key(4, 5, valid)]],
  'a disabled key is valid': [false, [made, ['disableKey', 2, 3], key(4, 5, valid)]],
};

const use = (from: number, to: number, cost: number, remaining: number, more: Partial<Call> = {}): Written => [
  'verifyKey',
  from,
  to,
  { ...valid, cost, remaining, quota: remaining + 6, reset: 99, ...more },
];
const limits: Record<string, [boolean, Written[]]> = {
  'each call consumes': [true, [use(1, 2, 3, 9), use(3, 4, 9, 0), use(5, 6, 1, 0, { result: 'RATE_LIMITED' })]],
  'two calls read the same': [false, [use(1, 4, 3, 9), use(2, 3, 3, 9)]],
  'more than the limit is allowed': [false, [use(1, 2, 3, 9), use(3, 4, 10, 0)]],
  'a lost call has consumed': [true, [use(1, 2, 3, 9), use(3, 4, 2, 0, { ...unknown, reset: 0 }), use(5, 6, 3, 4)]],
  'a refused call consumes': [false, [use(1, 2, 12, 0), use(3, 4, 1, 0, { result: 'RATE_LIMITED', quota: 5 })]],
  'a window ends early': [false, [use(1, 2, 3, 9), use(3, 4, 3, 6, { reset: 98 })]],
};
const portals: Record<string, [boolean, Written[]]> = {
  'of two changes of one version, one wins': [
    true,
    [
      ['disable', 0, 3, { with: '1', value: '2' }],
      ['enable', 1, 4, { with: '1', result: 'portal_config_version_conflict' }],
      ['getConfiguration', 5, 6, { value: 'disabled 2' }],
    ],
  ],
  'a change is lost': [
    false,
    [
      ['disable', 0, 3, { with: '1', value: '2' }],
      ['getConfiguration', 5, 6, { value: 'enabled 1' }],
    ],
  ],
};

const written = Object.entries({ session: sessions, keys: keyHistories, limits, portal: portals }).flatMap(
  ([model, histories]) =>
    Object.entries(histories).map(([name, [isCorrect, calls]]) => {
      const part = model === 'session' || model === 'portal' ? -1 : 0;
      return [name, historyOf(model as Call['model'], part, calls), isCorrect] as const;
    }),
);

describe('the checker', () => {
  test.each(written)('%s', async (_, calls, isCorrect) => {
    const { objects, violations, undecided } = await checkHistory(calls);
    expect([objects, violations.length === 0, undecided]).toEqual([1, isCorrect, []]);
  });

  test('shows only the calls that have no explanation', async () => {
    const around: Written[] = [['enable', 0, 1], read(2, 3, { with: 'U', ...over }), ['revokeSession', 9, 10]];
    const calls = historyOf('session', -1, [created, exchange(2, 5, T), exchange(3, 4, { value: 'U' }), ...around]);
    const [violation] = (await checkHistory(calls)).violations;
    expect(tableOf(violation?.calls ?? [])).toBe(
      [
        'from  to   client    server  call             response',
        '2.0   5.0  client 1  a       exchangeSession  ok, T',
        '3.0   4.0  client 2  a       exchangeSession  ok, U',
      ].join('\n'),
    );
  });
});

test.each([
  ['2026-11-26T00:30:00Z', 'Etc/GMT-12'],
  ['2026-11-26T12:30:00Z', 'UTC'],
  ['2026-11-26T23:30:00Z', 'Etc/GMT+11'],
])('no day ends in a run at %s', (now, zone) => {
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone: noonZone(new Date(now)), hour: 'numeric' });
  expect([noonZone(new Date(now)), shown.format(new Date(now))]).toEqual([zone, '12']);
});

test('each fault happens before one happens again, in an order of the seed', () => {
  const known = faultsOf.alone;
  const turnsOf = (seed: number) => {
    const [next, random] = [inTurn(known), randomOf(seed)];
    const turn = () => known.map(() => next(random));
    return [turn(), turn(), turn()];
  };
  const turns = [1, 2, 3].flatMap(turnsOf);
  expect(turns.map((turn) => turn.toSorted())).toEqual(turns.map(() => known.toSorted()));
  expect(new Set(turns.map(String)).size).toBeGreaterThan(1);
  expect(turnsOf(1)).toEqual(turns.slice(0, 3));
});

const short = { topology: 'alone', workers: 1, clients: 8, stepsPerClient: 30, seconds: 0 } as const;

describe('two servers', () => {
  const seed = Date.now() % 1_000_000;
  const opened = openRun({ ...short, seed, servers: 2, kinds, faults: [], preload: [] });
  afterAll(async () => (await opened).stop());

  test.each([
    ['redis-killed', 1],
    ['redis-unanswered', 2],
    ['redis-slow', 3],
    ['redis-paused', 4],
    ['server-killed', seed],
  ])('behave like one while there is the fault %s, seed %d', async (fault, ofPlan) => {
    const { play, outcome } = await opened;
    await play(randomOf(ofPlan), fault);
    const { violations, undecided, unexpected, faults } = outcome;
    expect([violations.map(({ calls }) => tableOf(calls)), undecided, unexpected]).toEqual([[], [], []]);
    expect(faults).toMatchObject({ [fault]: 1 });
  });
});

describe('a planted fault is found', () => {
  const planted = ['exchange-without-delete', 'trusted-key', 'limit-in-two-steps'];
  const preload = planted.map((name) => join(import.meta.dirname, 'planted', `${name}.ts`));
  const opened = openRun({ ...short, seed: 4, servers: 1, kinds: ['user', 'keys', 'window'], faults: [], preload });
  afterAll(async () => (await opened).stop());

  test('each within a minute', async () => {
    const { play, outcome } = await opened;
    const random = randomOf(4);
    // The calls that contradict each other are those of the planted fault.
    const found = () =>
      outcome.violations.map((violation) => `${violation.model}: ${violation.calls.map(({ op }) => op).join()}`);
    const named = [/^session: .*exchangeSession/, /^keys: .*verifyKey/, /^window: .*verifyKey/];
    const missing = () => named.filter((pattern) => !found().some((calls) => pattern.test(calls)));
    const begun = performance.now();
    while (missing().length > 0 && performance.now() - begun < 60_000) await play(random);
    expect(missing()).toEqual([]);
  });
});
