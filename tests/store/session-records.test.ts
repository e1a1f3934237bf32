/** What each script of sessions makes of the records: createSession, exchangeSession, findSession, endSession and eraseSessions. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { lasts, runScript, type ScriptRun } from '../support/script-runs.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

/** How long lists of sessions live, in seconds. */
const listLife = 900 + 86_400 + 7200;

describe('createSession', () => {
  const create = (args: NonNullable<ScriptRun['args']> = {}, before: string[][] = []) =>
    runScript(redis.client, 'createSession', {
      before,
      args: {
        ...{
          newIdentity: '{"identityId":"id_1"}',
          externalId: 'dXNlcg',
          bytes: '1000',
          session: 'the session',
          lent: 'count',
        },
        ...{ place: '1700:sess_1', maxSessions: '2', ...args },
      },
    });
  const lists = {
    portalSessions: lasts(listLife, { '1700:sess_1': '0' }),
    userSessions: lasts(listLife, { '1700:sess_1': '0' }),
  };
  /** With the identity of a user who has none: 21 bytes and 300. */
  const created = {
    session: lasts(900, 'the session'),
    ...lists,
    identity: '{"identityId":"id_1"}',
    identities: { dXNlcg: '0' },
    audit: { '@0@-0': 'entry' },
  };

  test('writes the session, its lists, a new user and the audit entry, and counts their bytes', async () => {
    const { reply, records, hour } = await create();
    expect(reply).toEqual(['ok', '@900@', 0]);
    expect(records).toEqual({ ...created, quota: { total: '1321', [hour(900)]: '1000' } });
  });

  test('leaves the record of a user who has one', async () => {
    const { records, hour } = await create({}, [['SET', 'identity', '{"identityId":"id_0"}']]);
    const { identities: _, ...others } = created;
    expect(records).toEqual({
      ...others,
      identity: '{"identityId":"id_0"}',
      quota: { total: '1000', [hour(900)]: '1000' },
    });
  });

  test('counts no bytes if they are lent for its hour, and the user', async () => {
    const { reply, records } = await create({ lent: '#900#' });
    expect(reply).toEqual(['ok', '@900@', 0]);
    expect(records).toEqual({ ...created, quota: { total: '321' } });
  });

  test.each([
    ['the most without a quota', '0', 63],
    ['the most with a large quota', String(2000 + 64 * 128 * 1000), 63],
    ['none if less than 128 sessions are free', String(2000 + 127 * 1000), 0],
    ['one if 128 sessions are free', String(2000 + 128 * 1000), 1],
    ['one if 129 sessions are free', String(2000 + 129 * 1000), 1],
    ['ten', String(2000 + 10 * 128 * 1000), 10],
    ['nine', String(1999 + 10 * 128 * 1000), 9],
  ])('lends bytes of other sessions of its hour: %s', async (_, quotaBytes, lent) => {
    const before = [
      ['SET', 'identity', 'x'],
      ['HSET', 'quota', 'total', '1000'],
    ];
    const { reply, records, hour } = await create({ lent: 'lend', quotaBytes }, before);
    expect(reply).toEqual(['ok', '@900@', lent * 1000]);
    const bytes = (lent + 1) * 1000;
    expect(records['quota']).toEqual({ total: String(1000 + bytes), [hour(900)]: String(bytes) });
  });

  test('creates a session that just fits into the quota, and changes nothing for one that does not', async () => {
    const full = ['HSET', 'quota', 'total', '500'];
    const user = ['SET', 'identity', 'x'];
    const { records, hour } = await create({ quotaBytes: '1500' }, [full, user]);
    expect(records['quota']).toEqual({ total: '1500', [hour(900)]: '1000' });
    expect(await create({ quotaBytes: '1499' }, [full, user])).toMatchObject({
      reply: ['quota_exceeded'],
      records: { quota: { total: '500' }, identity: 'x' },
    });
    expect((await create({ quotaBytes: '1499' }, [full, user])).records).toEqual({
      quota: { total: '500' },
      identity: 'x',
    });
    expect(await create({ quotaBytes: '999' })).toMatchObject({ reply: ['quota_exceeded'], records: {} });
  });

  test('needs room for a user who is new, and none for another one', async () => {
    const before = [['HSET', 'quota', 'total', '400']];
    const fits = await create({ quotaBytes: '721', lent: '#900#' }, before);
    expect([fits.reply, fits.records['quota']]).toEqual([['ok', '@900@', 0], { total: '721' }]);
    const full = await create({ quotaBytes: '720', lent: '#900#' }, before);
    expect([full.reply, full.records]).toEqual([['quota_exceeded'], { quota: { total: '400' } }]);
    const known = await create({ quotaBytes: '720', lent: '#900#' }, [...before, ['SET', 'identity', 'x']]);
    expect(known.reply).toEqual(['ok', '@900@', 0]);
  });

  test('counts all of a quota that has nothing yet', async () => {
    expect((await create({ quotaBytes: '321', lent: '#900#' })).reply).toEqual(['ok', '@900@', 0]);
    expect((await create({ quotaBytes: '320', lent: '#900#' })).reply).toEqual(['quota_exceeded']);
    expect((await create({ quotaBytes: '1000' }, [['SET', 'identity', 'x']])).reply).toEqual(['ok', '@900@', 0]);
  });

  test('changes nothing for a user who is being erased', async () => {
    const { reply, records } = await create({}, [['SET', 'identity', '!id_1']]);
    expect([reply, records]).toEqual([['identity_deleting'], { identity: '!id_1' }]);
  });

  test('gives the user as many sessions as allowed, and one instead of those that have ended', async () => {
    const one = ['ZADD', 'userSessions', '0', '1600:sess_2'];
    const two = ['ZADD', 'userSessions', '0', '1601:sess_3'];
    const live = ['SET', 'sess_2', 'session', 'EX', '60'];
    const live3 = ['SET', 'sess_3', 'session', 'EX', '60'];
    const usersOf = async (before: string[][]) => {
      const { reply, records } = await create({}, before);
      return [reply[0], records['userSessions']];
    };
    // The list is not read while it has room.
    expect(await usersOf([one])).toEqual(['ok', { '1600:sess_2': '0', '1700:sess_1': '0' }]);
    expect(await usersOf([one, two, live])).toEqual(['ok', { '1600:sess_2': '0', '1700:sess_1': '0' }]);
    expect(await usersOf([one, two])).toEqual(['ok', { '1700:sess_1': '0' }]);
    expect(await usersOf([one, two, live, live3])).toEqual([
      'too_many_sessions',
      { '1600:sess_2': '0', '1601:sess_3': '0' },
    ]);
  });

  test.each([
    ['has no end keeps that for the user', [], listLife, listLife],
    ['lives as long as before if it lives longer than its last session', ['PEXPIRE', '100000000'], 100_000, 100_000],
    ['lives longer if it was about to end', ['PEXPIRE', '5000'], 5, listLife],
  ])('a list that %s', async (_, [command, ms = ''], portal, user) => {
    const before = ['portalSessions', 'userSessions'].flatMap((list) => [
      ['ZADD', list, '0', '1600:sess_2'],
      ...(command === undefined ? [] : [[command, list, ms]]),
    ]);
    const { records } = await create({}, before);
    const listed = { '1600:sess_2': '0', '1700:sess_1': '0' };
    expect(records).toMatchObject({
      portalSessions: lasts(portal, listed),
      userSessions: command === undefined ? listed : lasts(user, listed),
    });
  });

  test('removes sessions that have ended from both lists, now and then', async () => {
    const before = ['portalSessions', 'userSessions'].flatMap((list) => [
      ['ZADD', list, '0', '1500:sess_2', '0', '1600:sess_3', '0', '1650:sess_4'],
      ['PEXPIRE', list, '5000'],
    ]);
    const { records } = await create({ deadBelow: '1650:', maxSessions: '9' }, [
      ...before,
      ['SET', 'sess_3', 'session'],
    ]);
    const listed = { '1600:sess_3': '0', '1650:sess_4': '0', '1700:sess_1': '0' };
    expect(records).toMatchObject({ portalSessions: lasts(listLife, listed), userSessions: lasts(listLife, listed) });
  });
});

const hash = (digit: string) => digit.repeat(64);
const notExchanged = '0'.repeat(13);
const rest = '\nportal_1 3\n{"externalId":"user"}\n{"permissions":[]}';

describe('exchangeSession', () => {
  const exchange = (args: NonNullable<ScriptRun['args']>, record: string, seconds: string) =>
    runScript(redis.client, 'exchangeSession', {
      before: [['SET', 'record', record, 'EX', seconds]],
      args: { openPortals: '\nportal_1 3\n', auditEntry: 'by ', restOfEntry: ' at', ...args },
    });
  const pending = `${hash('a')} ${notExchanged}${rest}`;
  const active = `${hash('b')} @86400@${rest}`;
  const hashes = { sessionHash: hash('a'), tokenHash: hash('b') };

  test('makes the session a browser session, whose bytes move to the hour of its end', async () => {
    const { reply, records, hour } = await exchange(hashes, pending, '900');
    expect(reply).toEqual(['ok', '@86400@']);
    expect(records).toEqual({
      record: lasts(86_400, active),
      quota: { [`${hour(900)}>${hour(86_400)}`]: String(pending.length + 500) },
      audit: { '@0@-0': 'by {"externalId":"user"} at' },
    });
  });

  test.each([
    ['repeats the reply for the same token', {}, '86100', ['ok', '@86400@']],
    ['repeats it no longer after 300 s', {}, '86099', ['session_not_found']],
    ['repeats nothing for another token', { tokenHash: hash('c') }, '86400', ['session_not_found']],
    [
      'finds nothing of a portal that is not open',
      { openPortals: '\nportal_1 2\n' },
      '86400',
      ['unknown_portal', 'portal_1 3'],
    ],
    ['finds a portal behind another one', { openPortals: '\nportal_0 1\nportal_1 3\n' }, '86400', ['ok', '@86400@']],
    [
      'does not replace the session of another user',
      { signedInUser: 'portal_1\n{"externalId":"use"}' },
      '86400',
      ['other_user'],
    ],
    ['replaces that of the same user', { signedInUser: 'portal_1\n{"externalId":"user"}' }, '86400', ['ok', '@86400@']],
  ])('%s, and changes nothing', async (_, args, seconds, expected) => {
    // In half a second the record has no whole second less.
    const { reply, records } = await exchange({ ...hashes, ...args }, active, seconds);
    expect([reply, records]).toEqual([expected, { record: lasts(Number(seconds), active) }]);
  });
});

test('exchangeSession finds nothing without a record', async () => {
  expect(await runScript(redis.client, 'exchangeSession', {})).toMatchObject({
    reply: ['session_not_found'],
    records: {},
  });
});

describe('findSession', () => {
  const session = `${hash('b')} @86400@${rest}`;
  const find = (openPortals: string, before: string[][] = []) =>
    runScript(redis.client, 'findSession', {
      before: [['SET', 'callingSession', session], ...before],
      args: { tokenHash: hash('b'), limit: '500', used: '2', openPortals },
    });

  test('finds the session of an open portal, counts the call, and lends others of its minute', async () => {
    const first = await find('\nportal_1 3\n');
    expect(first.reply).toEqual(['ok', session, 5, 60_000]);
    expect(first.records).toEqual({ callingSession: session, calls: lasts(60, { counted: '6', lent: '5' }) });
    const before = [['HSET', 'calls', 'counted', '10', 'lent', '4']];
    const next = await find('\nportal_0 1\nportal_1 3\n', [...before, ['EXPIRE', 'calls', '30']]);
    expect(next.reply).toEqual(['ok', session, 4, expect.any(Number)]);
    expect(next.records).toEqual({ callingSession: session, calls: lasts(30, { counted: '15', lent: '6' }) });
  });

  test('counts in no minute that has more than a minute left, after the clock has gone back', async () => {
    const { reply, records } = await find('\nportal_1 3\n', [
      ['HSET', 'calls', 'counted', '10', 'lent', '4'],
      ['PEXPIRE', 'calls', '60059'],
    ]);
    expect(Math.ceil(Number(reply[3]) / 1000)).toBe(60);
    expect(records['calls']).toEqual(lasts(60, { counted: '15', lent: '6' }));
  });

  test('refuses a call over the limit of its minute, and counts nothing', async () => {
    const { reply, records } = await find('\nportal_1 3\n', [['HSET', 'calls', 'counted', '500', 'lent', '4']]);
    expect(reply).toEqual(['rate_limited', expect.any(Number)]);
    expect(records).toEqual({ callingSession: session, calls: { counted: '500', lent: '4' } });
  });

  test('counts nothing of a portal that is not open', async () => {
    const { reply, records } = await find('\nportal_1 31\n');
    expect([reply, records]).toEqual([['unknown_portal', 'portal_1 3'], { callingSession: session }]);
  });
});

describe('endSession', () => {
  const place = '1700:sess_1';
  const before = [
    ['SET', 'session', 'the session', 'EX', '900'],
    ['ZADD', 'portalSessions', '0', place, '0', '1701:sess_2'],
    ['ZADD', 'userSessions', '0', place, '0', '1702:sess_3'],
    ['HSET', 'quota', 'total', '2000', 'swept', '#0#', '#900#', '800'],
    ['SET', 'callingSession', `${hash('b')} `],
  ];
  const lists = { portalSessions: { '1701:sess_2': '0' }, userSessions: { '1702:sess_3': '0' } };
  const end = (tokenHash: string, records = before) =>
    runScript(redis.client, 'endSession', { before: records, args: { place, tokenHash } });

  test.each([
    ['an operator', ''],
    ['its own user', hash('b')],
  ])('removes the session with its entries and bytes for %s', async (_, tokenHash) => {
    const { reply, records, hour } = await end(tokenHash);
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      ...lists,
      quota: { total: '1489', swept: hour(0), [hour(900)]: '289' },
      callingSession: `${hash('b')} `,
      audit: { '@0@-0': 'entry' },
    });
  });

  test('changes nothing for a session that is over, its own or that of its caller', async () => {
    const [ended, ...others] = before;
    const unchanged = await end('', others);
    expect([unchanged.reply, Object.keys(unchanged.records)]).toEqual([
      ['not_found'],
      ['callingSession', 'quota', 'portalSessions', 'userSessions'],
    ]);
    expect((await end(hash('c'))).reply).toEqual(['session_not_found']);
    const signedOut = await end(hash('b'), before.slice(0, -1));
    expect([signedOut.reply, signedOut.records['session']]).toEqual([['session_not_found'], lasts(900, ended?.[2])]);
  });
});

describe('eraseSessions', () => {
  const erase = (before: string[][], identity = '!id_1') =>
    runScript(redis.client, 'eraseSessions', {
      before: [['SET', 'identity', identity], ...before],
      args: { identityId: 'id_1' },
    });
  const session = `${hash('b')} ${notExchanged}${rest}`;

  test('removes a session with its entries, responses and calls, and their bytes', async () => {
    const { reply, records, hour } = await erase([
      ['ZADD', 'userSessions', '0', '1700:sess_1'],
      ['SET', 'sessionssess_1', session, 'EX', '900'],
      ['ZADD', 'portalSessionsportal_1:3', '0', '1700:sess_1', '0', '1701:sess_2'],
      ['SADD', 'storedResponsessess_1', 'sess_1:one', 'sess_1:over'],
      ['SET', 'sessionResponsessess_1:one', 'response', 'EX', '86400'],
      ['SET', 'sessionCallssess_1', '5'],
      ['HSET', 'quota', 'total', '5000', 'swept', '#0#', '#900#', '2000', '#86400#', '1000'],
    ]);
    expect(reply).toEqual(['done']);
    const bytes = session.length + 500;
    expect(records).toEqual({
      identity: '!id_1',
      'portalSessionsportal_1:3': { '1701:sess_2': '0' },
      quota: {
        total: String(5000 - 308 - bytes),
        swept: hour(0),
        [hour(900)]: String(2000 - bytes),
        [hour(86_400)]: '692',
      },
    });
  });

  test.each([
    [19, 'done', 0],
    [20, 'more', 0],
    [21, 'more', 1],
  ])('removes twenty sessions at once: of %i', async (many, outcome, left) => {
    const members = Array.from({ length: many }, (_, i) => ['0', `${1000 + i}:sess_${i}`]).flat();
    const { reply, records } = await erase([['ZADD', 'userSessions', ...members]]);
    expect([reply, Object.keys(records['userSessions'] ?? {}).length]).toEqual([[outcome], left]);
  });

  test('removes nothing of a user who is not being erased', async () => {
    const { reply, records } = await erase([['ZADD', 'userSessions', '0', '1700:sess_1']], '!id_2');
    expect([reply, records]).toEqual([['gone'], { identity: '!id_2', userSessions: { '1700:sess_1': '0' } }]);
  });
});
