/**
 * What each script of users, erasures, logs, forwards, requests and the dataset makes of the records: writeIdentity, beginErasure,
 * markErased, finishErasure, beginRedaction, copyEntries, swapLogs, claimForward, removeClaim, renewClaim, beginRequest, settleRequest,
 * beatDataset and removeOld.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { lasts, runScript, type ScriptRun } from '../support/script-runs.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

type Args = NonNullable<ScriptRun['args']>;
const run = (name: Parameters<typeof runScript>[1], before: string[][], args: Args = {}) =>
  runScript(redis.client, name, { before, args });
const outcomeOf = async (...input: Parameters<typeof run>) => (await run(...input)).reply;

const entry = { audit: { '@0@-0': 'entry' } };
const quota = (total: number) => ['HSET', 'quota', 'total', String(total), 'swept', '#0#'];
const quotaOf = (total: number, hour: (seconds: number) => string) => ({
  quota: { total: String(total), swept: hour(0) },
});

describe('writeIdentity', () => {
  const write = (before: string[][], args: Args = {}) =>
    run('writeIdentity', [quota(1000), ...before], {
      ...{ textRead: '', text: 'the user', policyText: '', externalId: 'dXNlcg', ...args },
    });
  const stored = ['SET', 'identity', 'old'];

  test.each<[string, string[][], Args, number, object]>([
    ['a new user', [], {}, 1308, {}],
    ['a new user with a policy', [], { policyText: 'policy' }, 1314, { identityPolicy: 'policy' }],
    ['another text', [stored], { textRead: 'old' }, 1005, {}],
    [
      ...(['another policy', [stored, ['SET', 'identityPolicy', 'longer policy']]] as [string, string[][]]),
      ...([{ textRead: 'old', policyText: 'policy' }, 998, { identityPolicy: 'policy' }] as [Args, number, object]),
    ],
    ['no policy any more', [stored, ['SET', 'identityPolicy', 'policy']], { textRead: 'old' }, 999, {}],
  ])('writes a user and their policy, and counts the bytes: %s', async (_, before, args, total, policy) => {
    const { reply, records, hour } = await write(before, { ...args, quotaBytes: String(Math.max(total, 1)) });
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      ...{ identity: 'the user', identities: { dXNlcg: '0' }, ...policy, ...entry },
      ...quotaOf(total, hour),
    });
  });

  test.each<[string, string[][], Args]>([
    ['quota_exceeded', [], { quotaBytes: '1307' }],
    ['quota_exceeded', [['SET', 'identity', 'old']], { quotaBytes: '1004', textRead: 'old' }],
    ['stale', [stored], {}],
    ['stale', [], { textRead: 'old' }],
    ['identity_deleting', [['SET', 'identity', '!id_1']], { textRead: '!id_1' }],
  ])('changes nothing: %s', async (outcome, before, args) => {
    const { reply, records, hour } = await write(before, args);
    const [[, , identity] = []] = before;
    expect([reply, records]).toEqual([[outcome], { ...(identity && { identity }), ...quotaOf(1000, hour) }]);
  });

  test('takes a user who was written although the workspace is full, if they do not grow', async () => {
    expect((await write([stored], { textRead: 'old', text: 'new', quotaBytes: '10' })).reply).toEqual(['ok']);
    expect((await write([stored], { textRead: 'old', text: 'new!', quotaBytes: '10' })).reply).toEqual([
      'quota_exceeded',
    ]);
  });
});

describe('the audit log', () => {
  const write = (auditMaxAgeSeconds: string, before: string[][] = []) =>
    run('writeIdentity', before, { text: 'the user', externalId: 'dXNlcg', auditMaxAgeSeconds });
  /** Redis removes whole blocks of a stream, of 100 entries by default. */
  const old = (many: number) => Array.from({ length: many }, (_, i) => ['XADD', 'audit', `${i + 1}-0`, 'entry', 'old']);

  test('lives an hour longer than its entries, and is not touched each time', async () => {
    expect((await write('100')).records['audit']).toEqual(lasts(3700, { '@0@-0': 'entry' }));
    expect((await write('0')).records['audit']).toEqual({ '@0@-0': 'entry' });
  });

  test('loses what is too old once in a while, and nothing else', async () => {
    const ids = async (...input: Parameters<typeof write>) => {
      const { records } = await write(...input);
      const audit = records['audit'] as { value?: object };
      return Object.keys(audit.value ?? audit).length;
    };
    const young = Array.from({ length: 20 }, (_, i) => ['XADD', 'audit', `@${i - 90}@-0`, 'entry', 'young']);
    expect(await ids('100', [...old(99), ['XADD', 'audit', '@-101@-0', 'entry', 'old'], ...young])).toBe(21);
    expect(await ids('100', [...old(99), ['XADD', 'audit', '@-99@-0', 'entry', 'young'], ...young])).toBe(121);
    expect(await ids('0', [...old(99), ['XADD', 'audit', '@-101@-0', 'entry', 'old'], ...young])).toBe(121);
  });
});

describe('an erasure', () => {
  test('beginErasure records it once', async () => {
    const before = [['SET', 'workspace', '{"enabled":true}']];
    const args = { identityId: 'id_1', erasure: 'first' };
    const { reply, records } = await run('beginErasure', before, args);
    expect([reply, records]).toEqual([
      ['ok'],
      { workspace: '{"enabled":true}', erasures: { id_1: 'first' }, ...entry },
    ]);
    const again = await run('beginErasure', [...before, ['HSET', 'erasures', 'id_1', 'earlier']], args);
    expect([again.reply, again.records]).toEqual([
      ['running'],
      { workspace: '{"enabled":true}', erasures: { id_1: 'earlier' } },
    ]);
  });

  const user = '{"identityId":"id_1","meta":1}';
  const mark = (before: string[][]) => run('markErased', [quota(1000), ...before], { identityId: 'id_1' });

  test.each([
    ['with a policy', [['SET', 'identityPolicy', 'policy']], 6],
    ['without one', [], 0],
  ])('markErased leaves only the id of a user %s, and the bytes are free', async (_, policy, bytes) => {
    const { reply, records, hour } = await mark([['SET', 'identity', user], ...policy]);
    expect([reply, records]).toEqual([['ok'], { identity: '!id_1', ...quotaOf(700 - user.length - bytes, hour) }]);
  });

  test.each([
    ['ok', '!id_1'],
    ['gone', '!id_2'],
    ['gone', '{"identityId":"id_2"}'],
    ['gone', '{"identityId":"id_11"}'],
  ])('markErased is %s for the record %s, and changes nothing', async (outcome, identity) => {
    const { reply, records, hour } = await mark([['SET', 'identity', identity]]);
    expect([reply, records]).toEqual([[outcome], { identity, ...quotaOf(1000, hour) }]);
  });

  test('markErased finds nobody who has no record', async () => {
    const { reply, records, hour } = await mark([]);
    expect([reply, records]).toEqual([['gone'], quotaOf(1000, hour)]);
  });

  const finish = (before: string[][]) =>
    run('finishErasure', [['ZADD', 'identities', '0', 'dXNlcg', '0', 'other'], ['SET', 'userQuota', '0'], ...before], {
      ...{ identityId: 'id_1', externalId: 'dXNlcg' },
    });

  test('finishErasure removes what is left of the user', async () => {
    const { reply, records } = await finish([['SET', 'identity', '!id_1']]);
    expect([reply, records]).toEqual([['ok'], { identities: { other: '0' } }]);
  });

  test.each(['userSessions', 'userKeyEnds', 'userKeyOrder', 'usageLog', 'usageApis'])(
    'finishErasure waits for what the user has in %s',
    async (name) => {
      const { reply, records } = await finish([
        ['SET', 'identity', '!id_1'],
        ['SET', name, 'x'],
      ]);
      expect([reply, Object.keys(records).toSorted()]).toEqual([
        ['more'],
        ['identities', 'identity', 'userQuota', name].toSorted(),
      ]);
    },
  );

  test('finishErasure leaves a new user of the same name', async () => {
    expect((await finish([['SET', 'identity', '{"identityId":"id_2"}']])).reply).toEqual(['gone']);
  });
});

describe('a log without a user', () => {
  const erasing = ['SET', 'erasing', '!id_1'];
  const mine = ['SET', 'redaction', 'id_1'];
  const add = (log: string, ...ids: number[]) => ids.map((id) => ['XADD', log, `${id}-0`, 'entry', `entry ${id}`]);
  const entries = (...ids: number[]) => Object.fromEntries(ids.map((id) => [`${id}-0`, `entry ${id}`]));
  const args = { identityId: 'id_1', isHome: '0', mark: 'id_1"', after: '0-0' };

  describe.each([
    ['beginRedaction', 'ok'],
    ['copyEntries', 'stale'],
    ['swapLogs', 'stale'],
  ] as const)('%s', (name, alone) => {
    test.each<[string, string[][], string, unknown[]]>([
      ['in the partition of a user who is being erased', [erasing], '0', [alone]],
      ['not of a user who is not', [['SET', 'erasing', '!id_2']], '0', ['gone']],
      ['not of a user who has no record', [], '0', ['gone']],
      ['at home during an erasure', [['HSET', 'erasing', 'id_1', 'x']], '1', [alone]],
      ['not at home during another one', [['HSET', 'erasing', 'id_2', 'x']], '1', ['gone']],
      ['after another one, not at once', [erasing, ['SET', 'redaction', 'id_2']], '0', ['busy', 'id_2']],
    ])('works %s', async (_, before, isHome, expected) => {
      const reply = await outcomeOf(name, before, { ...args, isHome });
      expect(reply.slice(0, 2)).toEqual(name === 'beginRedaction' && reply[0] === 'ok' ? ['ok', '0-0'] : expected);
    });
  });

  test('beginRedaction begins with an empty log, or goes on behind the last entry', async () => {
    const first = await run('beginRedaction', [erasing, ...add('redacted', 5)], args);
    expect([first.reply, first.records]).toEqual([['ok', '0-0'], { erasing: '!id_1', redaction: 'id_1' }]);
    const next = await run('beginRedaction', [erasing, mine, ...add('redacted', 5, 6)], args);
    expect([next.reply, next.records]).toEqual([
      ['ok', '6-0'],
      { erasing: '!id_1', redaction: 'id_1', redacted: entries(5, 6) },
    ]);
  });

  test('copyEntries adds entries behind those that its caller knows', async () => {
    const copy = (before: string[][], after: string) =>
      run('copyEntries', [erasing, ...before], { ...args, after, idsAndEntries: ['7-0', 'entry 7', '8-0', 'entry 8'] });
    const first = await copy([mine], '0-0');
    expect([first.reply, first.records['redacted']]).toEqual([['ok'], entries(7, 8)]);
    const next = await copy([mine, ...add('redacted', 5, 6)], '6-0');
    expect([next.reply, next.records['redacted']]).toEqual([['ok'], entries(5, 6, 7, 8)]);
    const late = await copy([mine, ...add('redacted', 5, 6)], '5-0');
    expect([late.reply, late.records['redacted']]).toEqual([['stale'], entries(5, 6)]);
    const notBegun = await copy(add('redacted', 5, 6), '6-0');
    expect([notBegun.reply, notBegun.records['redacted']]).toEqual([['stale'], entries(5, 6)]);
  });

  describe('swapLogs', () => {
    const swap = (before: string[][]) => run('swapLogs', [erasing, mine, ...before], args);

    test('puts the new log in the place of the old one, with what was added and for as long', async () => {
      const before = [...add('log', 5, 6, 7, 8), ['EXPIRE', 'log', '5000'], ...add('redacted', 6)];
      const { reply, records } = await swap(before);
      expect([reply, records]).toEqual([['ok'], { erasing: '!id_1', log: lasts(5000, entries(6, 7, 8)) }]);
    });

    test('gives the new log no end if the old one has none', async () => {
      const { reply, records } = await swap([...add('log', 5, 6), ...add('redacted', 6)]);
      expect([reply, records]).toEqual([['ok'], { erasing: '!id_1', log: entries(6) }]);
    });

    test('ends without a log, too', async () => {
      const { reply, records } = await swap([]);
      expect([reply, records]).toEqual([['ok'], { erasing: '!id_1' }]);
    });

    test('carries a hundred entries at once, and leaves more to copyEntries', async () => {
      const ids = (many: number) => Array.from({ length: many }, (_, i) => i + 2);
      const many = await swap([...add('log', ...ids(101)), ...add('redacted', 1)]);
      expect([many.reply, many.records['redacted'], many.records['redaction']]).toEqual([['more'], entries(1), 'id_1']);
      const most = await swap([...add('log', ...ids(100)), ...add('redacted', 1)]);
      expect([most.reply, most.records['log']]).toEqual([['ok'], entries(1, ...ids(100))]);
    });

    test.each(['id_1"', 'id_1" and more', 'an entry of id_1"'])(
      'leaves an entry that names the user to copyEntries: %s',
      async (text) => {
        const before = [...add('log', 5, 6), ['XADD', 'log', '7-0', 'entry', text], ...add('redacted', 5)];
        const { reply, records } = await swap(before);
        expect([reply, records['redacted'], Object.keys(records['log'] ?? {})]).toEqual([
          ['more'],
          entries(5),
          ['5-0', '6-0', '7-0'],
        ]);
      },
    );
  });
});

describe('claimForward', () => {
  const claim = (stored: string | undefined, args: Args = {}, expiry: string[][] = []) =>
    run('claimForward', stored === undefined ? [] : [['SET', 'forward', stored], ...expiry], {
      ...{ partition: '7', endAt: '0', instead: '', ...args },
    });
  const live = (seconds: string) => [['EXPIRE', 'forward', seconds]];

  test.each<[string, string | undefined, Args, string[][], string, unknown]>([
    ['a new one without an end', undefined, {}, [], 'ok', '>7 @0@'],
    ['a new one with an end', undefined, { endAt: '@50@' }, [], 'ok', lasts(50, '>7 @0@')],
    ['again', '>7', {}, [], 'again', '>7 @0@'],
    ['again, and the end goes', '>7', {}, live('90'), 'again', '>7 @0@'],
    ['again, and no end comes', '>7', { endAt: '@50@' }, [], 'again', '>7 @0@'],
    ['again, and it lives longer', '>7', { endAt: '@50@' }, live('20'), 'again', lasts(50, '>7 @0@')],
    ['again, and it does not live shorter', '>7', { endAt: '@50@' }, live('90'), 'again', lasts(90, '>7 @0@')],
    ['in the place of one that leads nowhere', '>8', { instead: '>8' }, [], 'ok', '>7 @0@'],
    ['also for as long', '>8', { instead: '>8', endAt: '@50@' }, live('90'), 'ok', lasts(50, '>7 @0@')],
    ['10 minutes after its import', '>8 @-600@', { instead: '>8 @-600@' }, [], 'ok', '>7 @0@'],
    ['also if the clock went back', '>8 @600@', { instead: '>8 @600@' }, [], 'ok', '>7 @600@'],
  ])('writes a forward: %s', async (_, stored, args, expiry, outcome, forward) => {
    const { reply, records } = await claim(stored, args, expiry);
    expect([reply[0], records]).toEqual([outcome, { forward }]);
    expect([forward, (forward as { value?: unknown }).value]).toContainEqual(reply[1]);
  });

  test('never writes the same forward twice, also if the clock went back', async () => {
    const { reply } = await claim('>7 4000000000000');
    expect(reply).toEqual(['again', '>7 4000000000001']);
  });

  test.each<[string, string, Args, unknown[]]>([
    ['a key', '0000 key', {}, ['taken']],
    ['a forward to another partition', '>8', {}, ['elsewhere', '8', '>8']],
    ['another one than its caller has found', '>8', { instead: '>9' }, ['elsewhere', '8', '>8']],
    ['one of an import', '>8 @-599.999@', { instead: '>8 @-599.999@' }, ['elsewhere', '8', expect.anything()]],
    [
      'one of an import after the clock went back',
      '>8 @599.999@',
      { instead: '>8 @599.999@' },
      [...['elsewhere', '8', expect.anything()]],
    ],
  ])('leaves %s', async (_, stored, args, expected) => {
    const { reply, records } = await claim(stored, args, live('90'));
    expect([reply, records]).toEqual([expected, { forward: lasts(90, stored.replace(/599\.999/, '600')) }]);
  });
});

describe('removeClaim', () => {
  const remove = (stored: string, read: string, minAgeMs = '0') =>
    run('removeClaim', [['SET', 'claim', stored]], { read, minAgeMs });

  test.each([
    ['the one that was read', '>7', '0'],
    ['one without a time, which is old', '>7', '1000000'],
    ['one that is just old enough', '>7 @-60@', '60000'],
    ['one from as far in the future', '>7 @60@', '60000'],
  ])('removes %s', async (_, stored, minAgeMs) => {
    const { reply, records } = await remove(stored, stored, minAgeMs);
    expect([reply, records]).toEqual([['ok'], {}]);
  });

  test.each([
    ['another one', '>8', '>7', '0'],
    ['one that is too young', '>7 @-59.999@', '>7 @-59.999@', '60000'],
    ['one from the near future', '>7 @59.999@', '>7 @59.999@', '60000'],
  ])('leaves %s', async (_, stored, read, minAgeMs) => {
    const { reply, records } = await remove(stored, read, minAgeMs);
    expect([reply, Object.keys(records)]).toEqual([['changed'], ['claim']]);
  });

  test.each([
    ['>7', 'ok', '>9'],
    ['>8', 'changed', '>8'],
  ])('renewClaim writes only the claim again that was read: %s', async (stored, outcome, claim) => {
    const { reply, records } = await run('renewClaim', [['SET', 'claim', stored]], { read: '>7', claim: '>9' });
    expect([reply, records]).toEqual([[outcome], { claim }]);
  });
});

describe('a request with a key for repetition', () => {
  const managed = [['HSET', 'rootKeys', 'own', '{}'], ['SET', 'workspace', '{"enabled":true}'], quota(1000)];
  const marker = 'under_way own';
  const begin = (before: string[][] = [], args: Args = {}) =>
    run('beginRequest', [...managed, ...before], { rootKeyHash: 'own', marker, ttlSeconds: '60', ...args });

  test('beginRequest marks it for its time, if there is room for a byte', async () => {
    const { reply, records } = await begin([], { quotaBytes: '1001' });
    expect([reply, records['idempotency']]).toEqual([['ok'], lasts(60, marker)]);
    const full = await begin([], { quotaBytes: '1000' });
    expect([full.reply, Object.keys(full.records)]).toEqual([['quota_exceeded'], ['rootKeys', 'workspace', 'quota']]);
    expect((await begin([], { rootKeyHash: 'another' })).reply).toEqual(['root_key_not_found']);
  });

  test.each([
    ['of a request that is under way', 'under_way another', '20', 20],
    ['of one whose marker lives too long, because the clock went back', 'under_way another', '86400', 60],
    ['of a response, which lives longer', 'done under_way', '86400', 86_400],
  ])('beginRequest finds the record %s', async (_, record, ttl, left) => {
    const { reply, records } = await begin([['SET', 'idempotency', record, 'EX', ttl]]);
    expect([reply, records['idempotency']]).toEqual([['known', record], lasts(left, record)]);
  });

  const settle = (stored: string, value: string) =>
    run('settleRequest', [quota(1000), ['SET', 'idempotency', stored, 'EX', '60']], {
      marker,
      value,
      ttlSeconds: '86400',
    });

  test('settleRequest stores the response for its time, and counts its bytes', async () => {
    const { reply, records, hour } = await settle(marker, 'response');
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      idempotency: lasts(86_400, 'response'),
      quota: { total: '1308', swept: hour(0), [hour(86_400)]: '308' },
    });
  });

  test('settleRequest removes the marker of a request that had no effect', async () => {
    const { reply, records, hour } = await settle(marker, '');
    expect([reply, records]).toEqual([['ok'], quotaOf(1000, hour)]);
  });

  test('settleRequest leaves what another request has stored', async () => {
    const { reply, records, hour } = await settle('under_way another', 'response');
    expect([reply, records]).toEqual([
      ['timed_out'],
      { idempotency: lasts(60, 'under_way another'), ...quotaOf(1000, hour) },
    ]);
  });
});

describe('beatDataset', () => {
  const beat = (fields: string[], format = '3') =>
    run('beatDataset', fields.length > 0 ? [['HSET', 'dataset', ...fields]] : [], { format, gapMs: '5000' });

  test.each([
    ['the first beat', [], { format: '3', beat: '@0@' }, '@0@'],
    ['a beat after exactly the gap', ['format', '3', 'beat', '@-5@'], { format: '3', beat: '@0@' }, '@0@'],
    [
      ...(['a beat after more, which is a gap', ['beat', '@-6@']] as const),
      ...([{ format: '3', beat: '@0@', gapFrom: '@-6@', gapTo: '@0@' }, '@0@'] as const),
    ],
    ['a beat after the clock went back', ['beat', '@50@'], { format: '3', beat: '@50@' }, '@50@'],
  ] as [string, string[], object, string][])('records %s', async (_, fields, dataset, time) => {
    const { reply, records } = await beat(fields);
    expect([reply, records]).toEqual([['ok', time], { dataset }]);
  });

  test('leaves the format of a later version', async () => {
    const { reply, records } = await beat(['format', '4']);
    expect([reply, records]).toEqual([['other_format', '4'], { dataset: { format: '4' } }]);
  });
});

describe('removeOld', () => {
  const before = [
    ['SET', 'one', 'text'],
    ['SET', 'two', 'longer text', 'EX', '86400'],
    ['HSET', 'quota', 'total', '1000', 'swept', '#0#', '#86400#', '500'],
  ];
  const names = ['@:one@', '@:two@', '@:none@'];

  test('removes records with the bytes that the quota has for each', async () => {
    const { reply, records, hour } = await run('removeOld', before, { overhead: '300', names });
    expect([reply, records]).toEqual([
      ['ok'],
      { quota: { total: String(1000 - 304 - 311), swept: hour(0), [hour(86_400)]: '189' } },
    ]);
  });

  test('removes only the records if the quota has nothing for them', async () => {
    const { reply, records, hour } = await run('removeOld', before, { names });
    expect([reply, records]).toEqual([['ok'], { quota: { total: '1000', swept: hour(0), [hour(86_400)]: '500' } }]);
  });
});
