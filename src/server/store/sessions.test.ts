/** What the store of sessions asks of Redis, and what it does with each reply. tests/store has the same with a real Redis. */
import { describe, expect, test } from '@jest/globals';
import { type AuditRecord, auditLog } from './audit.ts';
import type { Control, ControlStore } from './control.ts';
import type { Portal } from './control-data.ts';
import { homeOf } from './home.ts';
import { keys } from './keys.ts';
import { defaultLimits, partitionQuota } from './limits.ts';
import { partitionOf, partitionsOf } from './partitions.ts';
import type { Operator, SessionRef, VerifiedRootKey } from './proof.ts';
import { noRateLimits, rootKeyLimiter } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { sessionStore } from './sessions.ts';

const workspaceId = 'ws_acme';
const owner = { workspaceId, externalId: 'ada' };
const place = partitionOf(owner);
const handle = 'sess_02abc';
const ref: SessionRef = { ...place, handle, hash: 'a'.repeat(64) };
const token: SessionRef = { ...place, handle, hash: 'b'.repeat(64) };
const createdAt = 1_750_000_000_000;
const hourMs = 3_600_000;
const grant = { slug: 'acme', externalId: 'ada', permissions: [], preview: false, createdAt };
const rootKey = {
  ...{ verification: 'verified', actor: { type: 'root_key', id: 'rkid_1' }, hash: 'c'.repeat(64) },
  ...{ rootKeyId: 'rkid_1', workspaceId, permissions: [], createdAt },
} as unknown as VerifiedRootKey;
const operator = { actor: { type: 'cli' } } as Operator;
const entry: AuditRecord = {
  ...{ actor: rootKey.actor, action: 'session.create', resource: { type: 'session', id: handle } },
};
const portal: Portal = {
  ...{ portalId: 'portal_1', workspaceId, slug: 'acme', enabled: true, allowedReturnOrigins: [] },
  ...{ branding: { primaryColor: '#000000' }, apiIds: [], version: 1, createdAt, updatedAt: createdAt },
};
const pending = [`${ref.hash} 0000000000000`, 'portal_1 4', '"ada","portalId":"portal_1"', JSON.stringify(grant)].join(
  '\n',
);
const expiresAt = createdAt + 900_000;
const active = pending.replace(`${ref.hash} 0000000000000`, `${token.hash} ${expiresAt}`);
const quota = partitionQuota(defaultLimits);
const found = { outcome: 'ok', session: active, loan: 0, resetMs: 60_000 };
const unknownPortal = { outcome: 'unknown_portal', portal: 'portal_1 4' };
const notFound = { code: 'unkey/authentication/portal_session_not_found' };

/** The calls of a store, and what it depends on. Each command gets its next reply, or its last one again. */
function openStore(replies: Record<string, unknown[]> = {}, { session = 0 } = {}) {
  const world = {
    calls: [] as [command: string, input: unknown][],
    /** The control data as it is, and the versions that this process must agree with. */
    now: {
      ...{ version: '1', workspace: { workspaceId, name: 'Acme', enabled: true, createdAt }, rootKey },
      ...{ entry: { portal, epoch: '4' }, api: undefined },
    } as Control,
    agreed: [] as string[],
    published: 0,
    /** What was wanted of it, and the portals that were used last. */
    wanted: [] as unknown[],
    told: [] as Control['entry'][],
    connection: 1,
    /** How many times a portal is read at a later version. */
    late: 0,
    /** Changes the control data after a caller was accepted. */
    change: () => {},
  };
  const client = new Proxy(
    {},
    {
      get: (_, command: string) => async (input: unknown) => {
        world.calls.push([command, input]);
        const [reply, ...rest] = replies[command] ?? [];
        if (rest.length > 0) replies[command] = rest;
        return reply ?? { outcome: 'no reply' };
      },
    },
  );
  const redis = {
    connection: () => world.connection,
    run: (command: (client: unknown) => unknown) => command(client),
  } as unknown as Redis;
  const control = {
    async current(_: string, wanted: unknown, check: (now: Control) => void) {
      world.wanted.push(wanted);
      check(world.now);
      world.change();
    },
    async run(_: unknown, wanted: unknown, check: (now: Control) => void, step: (now: Control) => Promise<never>) {
      world.wanted.push(wanted);
      for (let tries = 0; tries < 9; tries++) {
        check(world.now);
        const reply: { outcome: string; version: string } = await step(world.now);
        if (reply.outcome !== 'outdated') return reply;
        world.agreed.push(reply.version);
        world.now = { ...world.now, version: String(Number(world.now.version) + 1) };
      }
      throw new Error('the control data keeps changing');
    },
    async at(_: string, __: string, wanted: unknown) {
      world.wanted.push(wanted);
      return world.late-- > 0 ? undefined : world.now;
    },
    async fresh(_: string, wanted: unknown) {
      world.wanted.push(wanted);
      return world.now;
    },
    lastEntries: () => world.told,
    publish: async () => void world.published++,
  } as unknown as ControlStore;
  const audit = auditLog({ maxEntries: 1280, maxAgeDays: 2 });
  const limiter = rootKeyLimiter(redis, noRateLimits);
  const limits = { ...defaultLimits, sessionsPerUser: 5 };
  const rates = { ...noRateLimits, session };
  const home = homeOf(redis, audit, control);
  const store = sessionStore(redis, audit, home, control, limiter, rates, quota, limits);
  const commands = () => world.calls.map(([command]) => command);
  return { world, store, commands, create: (more = {}) => store.create(ref, { ...grant, ...more }, change) };
}
const change = { proof: rootKey, entry };
const auditArgs = { auditMaxEntries: 10, auditMaxAgeSeconds: 172_800 };

describe('a session that is created', () => {
  const bytes = Buffer.byteLength(pending) + 500;
  const written = { outcome: 'ok', expiresAt, loan: bytes };

  test('is one call with the record, its lists and its audit entry, and ends when Redis says', async () => {
    const { world, create } = openStore({ createSession: [written] });
    expect(await create()).toStrictEqual({ expiresAt });
    const auditEntry = JSON.stringify({ ...entry, subject: { externalId: 'ada', portalId: 'portal_1' } });
    const args = {
      ...{ controlVersion: '1', ...auditArgs, auditEntry: expect.any(String), quotaBytes: quota.args.quotaBytes },
      ...{ maxSessions: 5, newIdentity: expect.stringContaining(`"createdAt":${createdAt}`), externalId: 'ada' },
      ...{ session: pending, bytes, lent: 'lend', place: `${createdAt}:${handle}` },
      // The longest life is 15 minutes and a day.
      deadBelow: `${createdAt - 87_300_000}:`,
    };
    const names = {
      ...{
        controlSeen: keys.controlSeen(place),
        audit: keys.sessionAudit(place),
        session: keys.session(place, handle),
      },
      ...{ quota: keys.partitionQuota(place), portalSessions: keys.portalSessions(place, 'portal_1', '4') },
      ...{ userSessions: keys.userSessions(owner), identity: keys.identity(owner), identities: keys.identities(place) },
    };
    expect(world.calls).toEqual([['createSession', { keys: names, args }]]);
    const [[, input] = []] = world.calls;
    expect(JSON.parse((input as { args: { auditEntry: string } }).args.auditEntry)).toEqual(JSON.parse(auditEntry));
    expect(world.wanted).toEqual([{ rootKeyHash: rootKey.hash }, { rootKeyHash: rootKey.hash, slug: 'acme' }]);
  });

  test('has the person of the user, and the host name of its portal', async () => {
    const { world, create } = openStore({ createSession: [written] });
    world.now = { ...world.now, entry: { portal: { ...portal, hostname: 'keys.acme.example' }, epoch: '4' } };
    const actor = { id: 'p "1"', name: 'P' };
    expect(await create({ actor })).toStrictEqual({ expiresAt, hostname: 'keys.acme.example' });
    const [[, input] = []] = world.calls;
    const { session } = (input as { args: { session: string } }).args;
    const [, , who] = session.split('\n');
    expect(JSON.parse(`{"externalId":${who}}`)).toEqual({ externalId: 'ada', portalId: 'portal_1', person: actor });
  });

  test('settles the lists and lends bytes once for many sessions, and again over another connection', async () => {
    const { world, create } = openStore({
      createSession: [{ outcome: 'too_many_sessions' }, { ...written, loan: 2 * bytes }, written],
    });
    await expect(create()).rejects.toMatchObject({ code: 'unkey/data/limit_exceeded' });
    for (const connection of [1, 1, 1, 2]) {
      world.connection = connection;
      await create();
    }
    const sent = world.calls.map(([, input]) => (input as { args: { lent: string; deadBelow: string } }).args);
    const hour = String(Math.floor(expiresAt / hourMs));
    expect(sent.map(({ lent }) => lent)).toEqual(['lend', 'lend', hour, hour, 'lend']);
    expect(sent.map(({ deadBelow }) => deadBelow !== '')).toEqual([true, true, false, false, false]);
  });

  test('is tried again once if the quota is full, after what has ended was removed', async () => {
    const { commands, world, create } = openStore({ createSession: [{ outcome: 'quota_exceeded' }, written] });
    expect(await create()).toEqual({ expiresAt });
    expect(commands()).toEqual(['createSession', 'sweepQuota', 'createSession']);
    expect(world.calls[1]).toEqual(['sweepQuota', { keys: { quota: keys.partitionQuota(place) } }]);
    const full = openStore({ createSession: [{ outcome: 'quota_exceeded' }] });
    await expect(full.create()).rejects.toMatchObject({ message: expect.stringContaining('MB per workspace') });
    expect(full.commands()).toEqual(['createSession', 'sweepQuota', 'createSession']);
  });

  test.each([
    ['too_many_sessions', 'unkey/data/limit_exceeded', '5 sessions per user'],
    ['identity_deleting', 'unkey/data/identity_deletion_in_progress', ''],
  ])('is refused if Redis replies %s, without another attempt', async (outcome, code, text) => {
    const { commands, create } = openStore({ createSession: [{ outcome }] });
    await expect(create()).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    expect(commands()).toEqual(['createSession']);
  });

  const at = (more: Partial<Portal>) => ({ entry: { portal: { ...portal, ...more }, epoch: '4' } });
  test.each<[string, Partial<Control>, string]>([
    ['the root key is gone', { rootKey: undefined }, 'unkey/authentication/key_not_found'],
    ['the workspace is disabled', { workspace: { enabled: false } as never }, 'unkey/authorization/workspace_disabled'],
    ['the portal is gone', { entry: undefined }, 'unkey/data/portal_config_not_found'],
    ['the portal is disabled', at({ enabled: false }), 'unkey/authorization/forbidden'],
  ])('is not written if %s by then, although it was not at first', async (_, later, code) => {
    const { world, create } = openStore({ createSession: [written] });
    world.change = () => {
      world.now = { ...world.now, ...later };
    };
    await expect(create()).rejects.toMatchObject({ code });
    expect(world.calls).toEqual([]);
  });

  test.each<[string, Partial<Portal>, boolean]>([
    ['of the portal', { returnUrl: 'https://app.acme.example/home' }, true],
    ['on the list', { allowedReturnOrigins: ['https://app.acme.example'] }, true],
    ['of another host', { returnUrl: 'https://acme.example', allowedReturnOrigins: ['https://a.example'] }, false],
    ['of a portal without one', {}, false],
  ])('can return to an origin %s', async (_, more, isAllowed) => {
    const { world, create } = openStore({ createSession: [written] });
    world.now = { ...world.now, ...at(more) };
    const [outcome] = await Promise.allSettled([create({ returnUrl: 'https://app.acme.example/done' })]);
    const refused = expect.objectContaining({ failures: [expect.objectContaining({ location: 'body.returnUrl' })] });
    expect(outcome).toMatchObject(isAllowed ? { status: 'fulfilled' } : { reason: refused });
    expect(world.calls).toHaveLength(isAllowed ? 1 : 0);
  });
});

describe('a session that is exchanged', () => {
  const byUser: AuditRecord = {
    ...{ action: 'session.exchange', resource: { type: 'session', id: handle } },
    actor: { type: 'user', id: handle },
  };
  const open = (...replies: object[]) => openStore({ exchangeSession: replies });
  const written = { outcome: 'ok', expiresAt };
  const argsOf = (call: [string, unknown] | undefined) =>
    (call?.[1] as { args: Record<string, string> } | undefined)?.args ?? {};

  test('is one call, whose audit entry has room for the user', async () => {
    const { world, store } = open(written);
    expect(await store.exchange(ref, token, byUser)).toMatchObject({ expiresAt });
    const args = {
      ...{ controlVersion: '1', ...auditArgs, auditEntry: expect.any(String), restOfEntry: expect.any(String) },
      ...{ sessionHash: ref.hash, tokenHash: token.hash, openPortals: '\n', signedInUser: '' },
    };
    const names = {
      ...{ controlSeen: keys.controlSeen(place), audit: keys.sessionAudit(place) },
      ...{ record: keys.session(place, handle), quota: keys.partitionQuota(place) },
    };
    expect(world.calls).toEqual([['exchangeSession', { keys: names, args }]]);
    const { auditEntry, restOfEntry } = argsOf(world.calls[0]);
    expect(JSON.parse(`${auditEntry}"ada","portalId":"portal_1"${restOfEntry}`)).toEqual({
      ...byUser,
      actor: { type: 'user', id: handle, externalId: 'ada', portalId: 'portal_1' },
    });
  });

  test.each([
    ['nobody' as const, ''],
    ['several' as const, 'several'],
    [{ portalId: 'portal_1', externalId: 'a "b"' }, 'portal_1\n"a \\"b\\""'],
  ])('names who is signed in already: %j', async (signedIn, text) => {
    const { world, store } = open(written);
    await store.exchange(ref, token, byUser, { signedIn });
    expect(argsOf(world.calls[0])).toMatchObject({ signedInUser: text });
  });

  test('of a portal that the process does not know is tried again with that, also if others were used since', async () => {
    const { world, store } = open(unknownPortal, written);
    await store.exchange(ref, token, byUser);
    expect(world.calls.map((call) => argsOf(call)['openPortals'])).toEqual(['\n', '\nportal_1 4\n']);
    expect(world.wanted).toEqual([{}, { portalId: 'portal_1' }]);
  });

  test('is told which of the portals that were used last can be used', async () => {
    const { world, store } = open(written);
    const entryOf = (portalId: string, more = {}) => ({ portal: { ...portal, portalId, ...more }, epoch: '2' });
    world.told = [entryOf('portal_2'), entryOf('portal_3', { enabled: false }), entryOf('portal_4')];
    const requirePortal = ({ portalId }: Portal) => {
      if (portalId === 'portal_4') throw new Error('not here');
    };
    await store.exchange(ref, token, byUser, { requirePortal });
    expect(argsOf(world.calls[0])).toMatchObject({ openPortals: '\nportal_2 2\n' });
  });

  test('starts again if the control data changes before its portal is read', async () => {
    const { world, store } = open(unknownPortal, unknownPortal, written);
    world.late = 1;
    await store.exchange(ref, token, byUser);
    expect(world.agreed).toEqual(['1']);
    expect(world.calls.map((call) => argsOf(call)['controlVersion'])).toEqual(['1', '2', '2']);
  });

  test.each<[string, object[], object]>([
    ['it has ended', [{ outcome: 'session_not_found' }], notFound],
    ['another user is signed in', [{ outcome: 'other_user' }], { code: 'unkey/authentication/other_user_signed_in' }],
    ['its portal has another epoch', [{ outcome: 'unknown_portal', portal: 'portal_1 3' }], notFound],
    ['its portal stays unknown', [unknownPortal], { message: 'a portal that was just read is known' }],
  ])('is refused if %s', async (_, replies, refusal) => {
    await expect(open(...replies).store.exchange(ref, token, byUser)).rejects.toMatchObject(refusal);
  });

  test('is refused where the portal cannot be used: by its requirement, and for a page of another origin', async () => {
    const { world, store } = open(unknownPortal, written);
    const requirePortal = () => {
      throw new Error('not here');
    };
    await expect(store.exchange(ref, token, byUser, { requirePortal })).rejects.toThrow('not here');
    const pageOrigin = 'https://evil.example';
    const foreign = { code: 'unkey/authorization/foreign_origin' };
    await expect(open(unknownPortal).store.exchange(ref, token, byUser, { pageOrigin })).rejects.toMatchObject(foreign);
    expect(world.calls).toHaveLength(1);
  });
});

describe('a browser session that is verified', () => {
  test('is read with the version of its partition, and has its user, its portal and its end', async () => {
    const { world, store } = openStore({ mGet: [['1', active]] });
    expect(await store.verify(token)).toEqual({
      ...{ portal, grant, portalId: 'portal_1', epoch: '4', expiresAt, handle, ref: token, pageOrigin: '' },
      actor: { type: 'user', id: handle, externalId: 'ada', portalId: 'portal_1' },
    });
    expect(world.calls).toEqual([['mGet', [keys.controlSeen(place), keys.session(place, handle)]]]);
    expect(world.wanted).toEqual([{}, { portalId: 'portal_1' }]);
    const person = { id: 'p' };
    const shared = active.replace(JSON.stringify(grant), JSON.stringify({ ...grant, actor: person }));
    expect(await openStore({ mGet: [['1', shared]] }).store.verify(token)).toMatchObject({ actor: { person } });
  });

  test('is read again until this process and the partition agree about the control data', async () => {
    const { world, store } = openStore({
      mGet: [
        ['7', active],
        [null, active],
        ['3', active],
        ['4', active],
      ],
    });
    world.late = 1;
    await store.verify(token);
    // The third read is of its own version, but the portal is read at a later one.
    expect([world.agreed, world.now.version]).toEqual([['7', '0', '3'], '4']);
  });

  test('of a partition that knows of no version needs none', async () => {
    const { world, store } = openStore({ mGet: [[null, active]] });
    world.now = { ...world.now, version: '0' };
    expect(await store.verify(token)).toHaveProperty('handle', handle);
    expect(world.agreed).toEqual([]);
  });

  test.each([
    ['is gone', null],
    ['is pending', pending],
    ['is of an earlier epoch', active.replace('portal_1 4', 'portal_1 3')],
  ])('is not found if it %s', async (_, session) => {
    await expect(openStore({ mGet: [['1', session]] }).store.verify(token)).rejects.toMatchObject(notFound);
  });

  const limited = (findSession: object[], mGet: unknown[][] = []) => openStore({ findSession, mGet }, { session: 100 });

  test('counts with a limit, and then takes the calls that were lent', async () => {
    const { world, store, commands } = limited([unknownPortal, { ...found, loan: 1 }], [['1', active]]);
    for (const _ of [1, 2, 3]) await store.verify(token);
    expect(commands()).toEqual(['findSession', 'findSession', 'mGet', 'findSession']);
    const names = {
      ...{ controlSeen: keys.controlSeen(place), callingSession: keys.session(place, handle) },
      calls: keys.sessionCalls(place, handle),
    };
    const args = { controlVersion: '1', tokenHash: token.hash, openPortals: '\n', limit: 100, used: 0 };
    const [first, second, , last] = world.calls.map(([, input]) => input);
    expect([first, second, last]).toEqual([
      { keys: names, args },
      { keys: names, args: { ...args, openPortals: '\nportal_1 4\n' } },
      { keys: names, args: { ...args, used: 1 } },
    ]);
  });

  test('is counted once if the control data changes meanwhile, before or after it was counted', async () => {
    const before = limited([unknownPortal, found]);
    before.world.late = 1;
    await before.store.verify(token);
    expect([before.commands(), before.world.agreed]).toEqual([['findSession', 'findSession'], ['1']]);
    const after = limited([found], [['2', active]]);
    after.world.late = 1;
    await after.store.verify(token);
    expect([after.commands(), after.world.agreed]).toEqual([['findSession', 'mGet'], ['1']]);
  });

  test('counts itself if another call has taken the last one that was lent', async () => {
    const { store, commands } = limited(
      [{ ...found, loan: 1 }],
      [
        ['1', active],
        ['1', active],
        ['2', active],
      ],
    );
    await store.verify(token);
    await Promise.all([store.verify(token), store.verify(token)]);
    expect(commands()).toEqual(['findSession', 'mGet', 'mGet', 'findSession']);
  });

  test('keeps what was lent if another call finds its control data outdated', async () => {
    const { store, commands } = limited(
      [
        { ...found, loan: 5 },
        { outcome: 'outdated', version: '2' },
      ],
      [['2', active]],
    );
    await Promise.all([store.verify(token), store.verify(token)]);
    await store.verify(token);
    expect(commands()).toEqual(['findSession', 'findSession', 'mGet', 'mGet']);
  });

  test.each<[string, object[], object]>([
    ['it has ended', [{ outcome: 'session_not_found' }], notFound],
    ['it is over its limit', [{ outcome: 'rate_limited', resetMs: 9000 }], { rateLimit: 100, retryAfterMs: 9000 }],
    ['its portal stays unknown', [unknownPortal], { message: 'a portal that was just read is known' }],
  ])('is refused with a limit if %s', async (_, replies, refusal) => {
    await expect(limited(replies).store.verify(token)).rejects.toMatchObject(refusal);
  });

  test('is refused for a page of an origin that the portal does not allow', async () => {
    const foreign = { code: 'unkey/authorization/foreign_origin' };
    const { store, world } = openStore({ mGet: [['1', active]] });
    await expect(store.verify(token, 'https://evil.example')).rejects.toMatchObject(foreign);
    const allowedOrigins = ['https://app.acme.example'];
    world.now = { ...world.now, entry: { portal: { ...portal, allowedOrigins }, epoch: '4' } };
    const pageOrigin = 'https://app.acme.example';
    expect(await store.verify(token, pageOrigin)).toMatchObject({ pageOrigin });
  });
});

test.each<[string, object, boolean | undefined]>([
  ['pending', { outcome: 'pending', session: pending }, false],
  ['active', { outcome: 'active', session: active }, true],
  ['pending with another secret', { outcome: 'pending', session: active }, undefined],
  ['gone', { outcome: 'not_found' }, undefined],
])('a link leads to the portal of its session, unless that is gone: %s', async (_, reply, isUsed) => {
  const { store, world } = openStore({ readSession: [reply] });
  expect(await store.findLinked(ref)).toEqual(isUsed === undefined ? undefined : { portal, grant, isUsed });
  expect(world.calls).toEqual([['readSession', { keys: { session: keys.session(place, handle) } }]]);
  expect(world.wanted).toEqual(isUsed === undefined ? [] : [{ portalId: 'portal_1' }]);
  world.now = { ...world.now, entry: undefined };
  expect(await store.findLinked(ref)).toBeUndefined();
});

test('a session that is ended is one call with its lists; whether it was there is returned', async () => {
  const { world, store } = openStore({ endSession: [{ outcome: 'ok' }, { outcome: 'not_found' }] });
  const session = { handle, grant, portalId: 'portal_1', epoch: '4' };
  expect(await store.end(workspaceId, session, change)).toBe(true);
  expect(await store.end(workspaceId, session, change)).toBe(false);
  const names = {
    ...{ controlSeen: keys.controlSeen(place), callingSession: keys.session(place, 'none') },
    ...{ audit: keys.sessionAudit(place), session: keys.session(place, handle), quota: keys.partitionQuota(place) },
    ...{ portalSessions: keys.portalSessions(place, 'portal_1', '4'), userSessions: keys.userSessions(owner) },
  };
  const args = { controlVersion: '1', tokenHash: '', ...auditArgs, auditEntry: expect.any(String) };
  const [first] = world.calls;
  expect(first).toEqual(['endSession', { keys: names, args: { ...args, place: `${createdAt}:${handle}` } }]);
  expect(world.wanted[0]).toEqual({ rootKeyHash: rootKey.hash });
  world.now = { ...world.now, rootKey: undefined };
  const gone = { code: 'unkey/authentication/key_not_found' };
  await expect(store.end(workspaceId, session, change)).rejects.toMatchObject(gone);
  expect(world.calls).toHaveLength(2);
});

describe('all sessions of a portal that are ended', () => {
  const byOperator = { proof: operator, entry: { ...entry, actor: operator.actor } };
  const sizes = (...some: number[]) => [...some, 0];
  const names = {
    ...{ workspace: keys.workspace(workspaceId), rootKeys: keys.rootKeys(workspaceId) },
    ...{ audit: keys.audit(workspaceId), control: keys.control(workspaceId) },
    ...{ portals: keys.portals(workspaceId), portalEpochs: keys.portalEpochs(workspaceId) },
  };
  const lists = partitionsOf(workspaceId).map((one) => keys.portalSessions(one, 'portal_1', '4'));

  test('are counted, end in one step at home, and leave no list', async () => {
    const { world, store, commands } = openStore({ zCard: sizes(2, 3), endPortalSessions: [{ outcome: 'ok' }] });
    expect(await store.endAll(workspaceId, 'acme', byOperator)).toBe(5);
    expect(commands()).toEqual([...lists.map(() => 'zCard'), 'endPortalSessions', ...lists.map(() => 'unlink')]);
    const [input] = world.calls.flatMap(([command, sent]) => (command === 'endPortalSessions' ? [sent] : []));
    expect(input).toMatchObject({ keys: names, args: { portalId: 'portal_1', callerType: 'cli' } });
    expect(world.calls.flatMap(([command, name]) => (command === 'unlink' ? [name] : []))).toEqual(lists);
    expect([world.published, world.wanted]).toEqual([1, [{ slug: 'acme' }]]);
  });

  test('are none if the portal is gone meanwhile', async () => {
    const { store } = openStore({ zCard: sizes(2), endPortalSessions: [{ outcome: 'not_found' }] });
    expect(await store.endAll(workspaceId, 'acme', byOperator)).toBe(0);
  });

  test.each<[string, boolean, 'without any' | undefined, string[]]>([
    ['for an unknown portal', false, undefined, []],
    ['for an unknown portal, even without any', false, 'without any', []],
    ['for a portal without any', true, undefined, ['zCard']],
    ['even without any', true, 'without any', ['zCard', 'endPortalSessions', 'unlink']],
  ])('are published in any case: %s', async (_, isThere, even, commands) => {
    const opened = openStore({ zCard: sizes(), endPortalSessions: [{ outcome: 'ok' }] });
    if (!isThere) opened.world.now = { ...opened.world.now, entry: undefined };
    expect(await opened.store.endAll(workspaceId, 'acme', byOperator, even)).toBe(0);
    expect([...new Set(opened.commands())]).toEqual(commands);
    expect(opened.world.published).toBe(1);
  });
});
