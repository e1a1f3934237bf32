/**
 * What each script of portals, APIs, root keys and documents makes of the records: createPortal, replacePortal, deletePortal,
 * endPortalSessions, createApi, replaceApi, deleteApi, keepCatalogue, createRootKey, revokeRootKey, putWorkspace, beginDocument,
 * keepDocument and failDocument.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { lasts, runScript, type ScriptRun } from '../support/script-runs.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

const run = (name: Parameters<typeof runScript>[1], before: string[][], args: NonNullable<ScriptRun['args']> = {}) =>
  runScript(redis.client, name, { before, args });

const workspace = '{"enabled":true}';
/** What all scripts of managers need, and the quota of a workspace that has 1000 bytes. */
const managed = [
  ['SET', 'workspace', workspace],
  ['HSET', 'quota', 'total', '1000', 'swept', '#0#'],
];
const entry = { audit: { '@0@-0': 'entry' } };
const quotaOf = (total: number, hour: (seconds: number) => string) => ({
  quota: { total: String(total), swept: hour(0) },
});

/** Each script of managers with records that it would change. */
const changes: [name: Parameters<typeof runScript>[1], before: string[][], args: NonNullable<ScriptRun['args']>][] = [
  ['createPortal', [], { slug: 'docs', portalId: 'p1', portal: '{}', place: 'p1', maxPortals: '1' }],
  [
    'replacePortal',
    [['HSET', 'portals', 'p1', '{"version":1,"enabled":true}']],
    { portalId: 'p1', versionRead: '1', portal: '{"version":2,"enabled":true}' },
  ],
  ['deletePortal', [['HSET', 'portals', 'p1', '{}']], { portalId: 'p1', slug: 'docs', place: 'p1' }],
  ['endPortalSessions', [['HSET', 'portals', 'p1', '{}']], { portalId: 'p1' }],
  ['createApi', [], { apiId: 'api_1', api: '{}', place: 'api_1', maxApis: '1' }],
  ['replaceApi', [['HSET', 'apis', 'api_1', '{}']], { apiId: 'api_1', textRead: '{}', api: '{"a":1}' }],
  ['deleteApi', [['HSET', 'apis', 'api_1', '{}']], { apiId: 'api_1', place: 'api_1' }],
  ['createRootKey', [], { rootKeyId: 'key_1', hash: 'hash', record: '{}', maxRootKeys: '1' }],
  ['revokeRootKey', [['HSET', 'rootKeyIds', 'key_1', 'hash']], { rootKeyId: 'key_1' }],
  ['beginErasure', [], { identityId: 'id_1', erasure: '{}' }],
];

describe.each(changes)('%s, like each change of a manager,', (name, before, args) => {
  const named = (records: string[][]) => [...new Set(records.map(([, record]) => record))].toSorted();

  test('needs a workspace, and of a root key that it is valid and the workspace enabled', async () => {
    const replies = [
      await run(name, before, args),
      await run(name, [...before, ['HSET', 'rootKeys', 'own', '{}']], {
        ...args,
        callerType: 'root_key',
        rootKeyHash: 'own',
      }),
      await run(name, [...before, ...managed], { ...args, callerType: 'root_key', rootKeyHash: 'own' }),
      await run(name, [...before, ['HSET', 'rootKeys', 'own', '{}'], ['SET', 'workspace', '{"enabled":false}']], {
        ...args,
        ...{ callerType: 'root_key', rootKeyHash: 'own' },
      }),
    ];
    expect(replies.map(({ reply }) => reply)).toEqual([
      ['workspace_not_found'],
      ['workspace_not_found'],
      ['root_key_not_found'],
      ['workspace_disabled'],
    ]);
    expect(Object.keys(replies[0]?.records ?? {})).toEqual(named(before));
  });
});

describe('createPortal', () => {
  const text = '{"name":"Docs"}';
  const create = (before: string[][] = [], args: NonNullable<ScriptRun['args']> = {}) =>
    run('createPortal', [...managed, ...before], {
      ...{ slug: 'docs', portalId: 'p1', portal: text, place: '1700:p1', maxPortals: '2', ...args },
    });

  test('writes the portal with its slug and its place, and counts its bytes', async () => {
    const { reply, records, hour } = await create([['HSET', 'apis', 'api_1', '{}']], { apiIds: ['api_1'] });
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      workspace,
      apis: { api_1: '{}' },
      ...entry,
      portals: { p1: text },
      portalSlugs: { docs: 'p1' },
      portalOrder: { '1700:p1': '0' },
      ...quotaOf(1000 + text.length + 300, hour),
    });
  });

  test('is bounded by the quota and by how many portals there are', async () => {
    const other = ['HSET', 'portals', 'p0', '{}'];
    const outcome = async (...input: Parameters<typeof create>) => (await create(...input)).reply;
    expect(await outcome([other], { quotaBytes: '1315' })).toEqual(['ok']);
    expect(await outcome([other], { quotaBytes: '1314' })).toEqual(['quota_exceeded']);
    expect(await outcome([other, ['HSET', 'portals', 'p2', '{}']])).toEqual(['too_many']);
    expect(await outcome([['HSET', 'portalSlugs', 'docs', 'p0']])).toEqual(['slug_taken']);
    expect(await outcome([], { apiIds: ['api_1'] })).toEqual(['api_not_found', 0]);
    expect(await outcome([['HSET', 'apis', 'api_2', '{}']], { apiIds: ['api_1', 'api_2', 'api_3'] })).toEqual([
      ...['api_not_found', 0, 2],
    ]);
  });
});

describe('replacePortal', () => {
  const before = '{"version":1,"enabled":true}';
  const replace = (portal: string, args: NonNullable<ScriptRun['args']> = {}, more: string[][] = []) =>
    run('replacePortal', [...managed, ['HSET', 'portals', 'p1', before], ...more], {
      ...{ portalId: 'p1', versionRead: '1', portal, ...args },
    });
  const longer = '{"version":2,"enabled":true,"name":"Docs"}';
  const disabled = '{"version":2,"enabled":false}';

  test('writes the portal, and counts the bytes by which it grows', async () => {
    const { reply, records, hour } = await replace(longer, { quotaBytes: '1014' });
    expect(reply).toEqual(['ok', '']);
    expect(records).toEqual({
      ...{ workspace, control: '@0@', portals: { p1: longer }, ...entry },
      ...quotaOf(1014, hour),
    });
    const full = await replace(longer, { quotaBytes: '1013' });
    expect([full.reply, full.records]).toEqual([
      ['quota_exceeded'],
      { workspace, portals: { p1: before }, ...quotaOf(1000, full.hour) },
    ]);
  });

  test('ends the sessions of a portal that it disables', async () => {
    const first = await replace(disabled);
    expect([first.reply, first.records['portalEpochs']]).toEqual([['ok', '0'], { p1: '1' }]);
    const next = await replace(disabled, {}, [['HSET', 'portalEpochs', 'p1', '4']]);
    expect([next.reply, next.records['portalEpochs']]).toEqual([['ok', '4'], { p1: '5' }]);
    expect(next.records['quota']).toEqual({ total: '1001', swept: next.hour(0) });
  });

  test('replaces only the version that was read, with APIs that exist', async () => {
    const outcome = async (...input: Parameters<typeof replace>) => (await replace(...input)).reply;
    expect(await outcome(longer, { portalId: 'p2' })).toEqual(['not_found']);
    expect(await outcome(longer, { versionRead: '2' })).toEqual(['stale']);
    expect(await outcome(longer, { addedApiIds: ['api_1', 'api_2'] }, [['HSET', 'apis', 'api_1', '{}']])).toEqual([
      ...['api_not_found', 1],
    ]);
  });
});

describe('deletePortal', () => {
  const text = '{"name":"Docs"}';
  const before = [
    ...managed,
    ['HSET', 'portals', 'p1', text, 'p2', '{}'],
    ['HSET', 'portalSlugs', 'docs', 'p1', 'other', 'p2'],
    ['ZADD', 'portalOrder', '0', '1700:p1', '0', '1701:p2'],
    ['HSET', 'portalEpochs', 'p1', '4', 'p2', '6'],
    ['HSET', 'document', 'bytes', '500', 'text', 'x'],
    ['EXPIRE', 'document', '86400'],
    ['HSET', 'quota', '#86400#', '700'],
  ];
  const left = {
    workspace,
    portals: { p2: '{}' },
    portalSlugs: { other: 'p2' },
    portalOrder: { '1701:p2': '0' },
  };
  const remove = (records: string[][], portalId = 'p1') =>
    run('deletePortal', records, { portalId, slug: 'docs', place: '1700:p1' });

  test('removes the portal with its epoch, its document and their bytes', async () => {
    const { reply, records, hour } = await remove(before);
    expect(reply).toEqual(['ok', '4']);
    expect(records).toEqual({
      ...{ ...left, ...entry, control: '@0@', portalEpochs: { p2: '6' } },
      quota: { total: String(500 - text.length - 300), swept: hour(0), [hour(86_400)]: '200' },
    });
  });

  test('removes a portal that has neither an epoch of its own nor a document', async () => {
    const { reply, records, hour } = await remove(before.slice(0, 5));
    expect(reply).toEqual(['ok', '0']);
    expect(records).toEqual({ ...left, ...entry, control: '@0@', ...quotaOf(700 - text.length, hour) });
  });

  test('changes nothing without the portal', async () => {
    const { reply, records } = await remove(before, 'p3');
    expect([reply, Object.keys(records).length, records['portals']]).toEqual([
      ['not_found'],
      7,
      { p1: text, p2: '{}' },
    ]);
  });
});

test('endPortalSessions gives the portal its next epoch, and no other one', async () => {
  const before = [...managed, ['HSET', 'portals', 'p1', '{}'], ['HSET', 'portalEpochs', 'p1', '4', 'p2', '6']];
  const { reply, records } = await run('endPortalSessions', before, { portalId: 'p1' });
  expect([reply, records]).toEqual([
    ['ok'],
    {
      ...{ workspace, portals: { p1: '{}' }, portalEpochs: { p1: '5', p2: '6' }, control: '@0@', ...entry },
      quota: expect.anything(),
    },
  ]);
  const unknown = await run('endPortalSessions', before, { portalId: 'p2' });
  expect([unknown.reply, unknown.records['portalEpochs']]).toEqual([['not_found'], { p1: '4', p2: '6' }]);
});

describe('createApi', () => {
  const api = '{"name":"API"}';
  const create = (before: string[][] = [], args: NonNullable<ScriptRun['args']> = {}) =>
    run('createApi', [...managed, ...before], { apiId: 'api_1', api, place: '1700:api_1', maxApis: '3', ...args });

  test('writes the API and its place, and counts its bytes', async () => {
    const { reply, records, hour } = await create();
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      ...{ workspace, apis: { api_1: api }, apiOrder: { '1700:api_1': '0' }, ...entry },
      ...quotaOf(1314, hour),
    });
  });

  test('counts a deleted API until its keys are gone', async () => {
    const outcome = async (...input: Parameters<typeof create>) => (await create(...input)).reply;
    const two = ['HSET', 'apis', 'api_2', '{}', 'api_3', '{}'];
    expect(await outcome([two])).toEqual(['ok']);
    expect(await outcome([two, ['HSET', 'deletedApis', 'api_4', '1']])).toEqual(['too_many']);
    expect(await outcome([['HSET', 'deletedApis', 'api_4', '1', 'api_5', '1']])).toEqual(['ok']);
    expect(await outcome([['HSET', 'deletedApis', 'api_4', '1', 'api_5', '1', 'api_6', '1']])).toEqual(['too_many']);
    expect(await outcome([], { quotaBytes: '1314' })).toEqual(['ok']);
    expect(await outcome([], { quotaBytes: '1313' })).toEqual(['quota_exceeded']);
  });
});

describe('replaceApi', () => {
  const stored = '{"name":"API"}';
  const replace = (api: string, args: NonNullable<ScriptRun['args']> = {}) =>
    run(
      'replaceApi',
      [...managed, ['HSET', 'apis', 'api_1', stored], ['HSET', 'scopeCatalogues', 'api_1', 'scopes', 'api_2', 'x']],
      {
        ...{ apiId: 'api_1', textRead: stored, api, ...args },
      },
    );
  const longer = '{"name":"Longer"}';
  const catalogues = { api_1: 'scopes', api_2: 'x' };

  test('writes the API, and counts the bytes by which it grows', async () => {
    const { reply, records, hour } = await replace(longer, { quotaBytes: '1003' });
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      ...{ workspace, control: '@0@', apis: { api_1: longer }, scopeCatalogues: catalogues, ...entry },
      ...quotaOf(1003, hour),
    });
  });

  test('drops its catalogue, whose bytes are free again', async () => {
    const { records, hour } = await replace(longer, { dropsCatalogue: '1' });
    expect(records).toMatchObject({ scopeCatalogues: { api_2: 'x' }, ...quotaOf(997, hour) });
    expect(Object.keys(records['scopeCatalogues'] ?? {})).toEqual(['api_2']);
  });

  test.each([
    ['without the API', { apiId: 'api_2' }, longer, 'not_found'],
    ['without the record that was read', { textRead: '{}' }, longer, 'stale'],
    ['without a difference', {}, stored, 'ok'],
    ['without room', { quotaBytes: '1002' }, longer, 'quota_exceeded'],
  ])('changes nothing %s', async (_, args, api, outcome) => {
    const { reply, records, hour } = await replace(api, args);
    expect([reply, records]).toEqual([
      [outcome],
      { workspace, apis: { api_1: stored }, scopeCatalogues: catalogues, ...quotaOf(1000, hour) },
    ]);
  });
});

describe('deleteApi', () => {
  const before = [
    ...managed,
    ['HSET', 'apis', 'api_1', '{"name":"API"}', 'api_2', '{}'],
    ['ZADD', 'apiOrder', '0', '1700:api_1', '0', '1701:api_2'],
  ];
  const remove = (more: string[][] = [], apiId = 'api_1') =>
    run('deleteApi', [...before, ...more], { apiId, place: '1700:api_1' });

  test('removes the API with its catalogue and their bytes, and keeps when that was', async () => {
    const { reply, records, hour } = await remove([['HSET', 'scopeCatalogues', 'api_1', 'scopes', 'api_2', 'x']]);
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      ...{ workspace, control: '@0@', apis: { api_2: '{}' }, apiOrder: { '1701:api_2': '0' }, ...entry },
      ...{ deletedApis: { api_1: '@0@' }, scopeCatalogues: { api_2: 'x' } },
      ...quotaOf(1000 - 14 - 300 - 6, hour),
    });
  });

  test('changes nothing without the API', async () => {
    const { reply, records } = await remove([], 'api_3');
    expect([reply, Object.keys(records)]).toEqual([['not_found'], ['workspace', 'quota', 'apis', 'apiOrder']]);
  });
});

describe('keepCatalogue', () => {
  const stored = '{"name":"API"}';
  const api = '{"name":"API","hash":"1"}';
  const keep = (args: NonNullable<ScriptRun['args']> = {}, before: string[][] = []) =>
    run('keepCatalogue', [...managed, ['HSET', 'apis', 'api_1', stored], ...before], {
      ...{ apiId: 'api_1', textRead: stored, api, catalogue: 'new scopes', ...args },
    });

  test.each([
    ['the first one', [], 1000 + 11 + 10, { api_1: 'new scopes' }],
    [
      ...(['another one', [['HSET', 'scopeCatalogues', 'api_1', 'old', 'api_2', 'x']]] as const),
      ...([1000 + 11 + 10 - 3, { api_1: 'new scopes', api_2: 'x' }] as const),
    ],
  ] as [string, string[][], number, object][])(
    'stores a catalogue with the API, and counts its bytes: %s',
    async (_, before, total, scopeCatalogues) => {
      const { reply, records, hour } = await keep({ quotaBytes: String(total) }, before);
      expect(reply).toEqual(['ok']);
      expect(records).toEqual({
        ...{ workspace, control: '@0@', apis: { api_1: api }, scopeCatalogues },
        ...quotaOf(total, hour),
      });
      const full = await keep({ quotaBytes: String(total - 1) }, before);
      expect([full.reply, full.records['apis'], full.records['quota']]).toEqual([
        ['quota_exceeded'],
        { api_1: stored },
        { total: '1000', swept: full.hour(0) },
      ]);
    },
  );

  test.each([
    ['not_found', { apiId: 'api_2' }],
    ['stale', { textRead: '{}' }],
  ])('stores nothing if the API is %s', async (outcome, args) => {
    const { reply, records, hour } = await keep(args);
    expect([reply, records]).toEqual([[outcome], { workspace, apis: { api_1: stored }, ...quotaOf(1000, hour) }]);
  });
});

describe('root keys', () => {
  test('createRootKey writes as many root keys as allowed', async () => {
    const create = (...other: string[]) =>
      run(
        'createRootKey',
        [...managed, ['HSET', 'rootKeys', 'other', '{}', ...other], ['HSET', 'rootKeyIds', 'key_0', 'other']],
        {
          ...{ rootKeyId: 'key_1', hash: 'hash', record: '{"name":"Root"}', maxRootKeys: '2' },
        },
      );
    const { reply, records } = await create();
    expect([reply, records]).toEqual([
      ['ok'],
      {
        ...{ workspace, quota: expect.anything(), ...entry },
        rootKeys: { other: '{}', hash: '{"name":"Root"}' },
        rootKeyIds: { key_0: 'other', key_1: 'hash' },
      },
    ]);
    expect((await create('third', '{}')).reply).toEqual(['too_many']);
  });

  test('revokeRootKey removes the root key with this id', async () => {
    const revoke = (rootKeyId: string) =>
      run(
        'revokeRootKey',
        [
          ...managed,
          ['HSET', 'rootKeys', 'h0', '{}', 'h1', '{}'],
          ['HSET', 'rootKeyIds', 'key_0', 'h0', 'key_1', 'h1'],
        ],
        {
          rootKeyId,
        },
      );
    const { reply, records } = await revoke('key_1');
    expect([reply, records]).toEqual([
      ['ok'],
      {
        workspace,
        quota: expect.anything(),
        control: '@0@',
        ...entry,
        rootKeys: { h0: '{}' },
        rootKeyIds: { key_0: 'h0' },
      },
    ]);
    expect((await revoke('key_2')).reply).toEqual(['not_found']);
  });
});

test.each([
  ['closes the place of old root keys', [], {}],
  ['leaves old root keys there', [['HSET', 'oldRootKeys', 'hash', '{}']], { oldRootKeys: { hash: '{}' } }],
])('putWorkspace writes the workspace, and %s', async (_, before, left) => {
  const { reply, records } = await run('putWorkspace', before, { workspace });
  expect([reply, records]).toEqual([
    ['ok'],
    { workspace, control: '@0@', ...entry, oldRootKeys: expect.stringMatching(/./), ...left },
  ]);
});

describe('lockOut', () => {
  test('moves root keys to their new place once, and leaves a text in the old one', async () => {
    const moved = await run('lockOut', [['HSET', 'oldRootKeys', 'hash', '{}']]);
    const text = moved.records['oldRootKeys'];
    expect([moved.reply, moved.records]).toEqual([
      ['ok'],
      { oldRootKeys: expect.stringMatching(/./), rootKeys: { hash: '{}' } },
    ]);
    const again = await run('lockOut', [
      ['SET', 'oldRootKeys', 'any text'],
      ['HSET', 'rootKeys', 'hash', '{}'],
    ]);
    expect([again.reply, again.records]).toEqual([['ok'], { oldRootKeys: text, rootKeys: { hash: '{}' } }]);
    expect(await run('lockOut', [])).toMatchObject({ reply: ['ok'], records: { oldRootKeys: text } });
  });

  test('changes nothing if both places have root keys', async () => {
    const before = ['oldRootKeys', 'rootKeys'].map((name) => ['HSET', name, name, '{}']);
    const { reply, records } = await run('lockOut', before);
    expect([reply, records]).toEqual([
      ['written_again'],
      { oldRootKeys: { oldRootKeys: '{}' }, rootKeys: { rootKeys: '{}' } },
    ]);
  });
});

test.each([
  ['3', '4', '4'],
  ['4', '4', '4'],
  ['5', '4', '5'],
  ['10', '9', '10'],
])('raiseVersion raises %s to %s and never lowers it: %s', async (stored, version, expected) => {
  const { reply, records } = await run('raiseVersion', [['SET', 'version', stored]], { version });
  expect([reply, records]).toEqual([['ok', expected], { version: expected }]);
});

describe('readControl', () => {
  const before = [
    ['SET', 'control', '12'],
    ['SET', 'published', '11'],
    ['SET', 'workspace', workspace],
    ['HSET', 'rootKeys', 'hash', 'root key', '', 'no root key'],
    ['HSET', 'portalSlugs', 'docs', 'p1', '', 'p0'],
    ['HSET', 'portals', 'p1', 'portal 1', 'p2', 'portal 2', '', 'no portal'],
    ['HSET', 'portalEpochs', 'p1', '5', '', '9'],
    ['HSET', 'apis', 'api_1', 'api', '', 'no API'],
  ];
  const head = ['ok', '12', '11', workspace];

  test.each([
    ['nothing for empty names', {}, [...head, '', '', '0', '']],
    [
      ...([
        'what a slug and the other names stand for',
        { slug: 'docs', rootKeyHash: 'hash', apiId: 'api_1' },
      ] as const),
      [...head, 'root key', 'portal 1', '5', 'api'],
    ],
    ['a portal by its id, without an epoch', { portalId: 'p2' }, [...head, '', 'portal 2', '0', '']],
    ['nothing for unknown names', { slug: 'x', rootKeyHash: 'x', apiId: 'x' }, [...head, '', '', '0', '']],
  ] as [string, Record<string, string>, string[]][])('reads %s', async (_, args, expected) => {
    expect((await run('readControl', before, args)).reply).toEqual(expected);
  });

  test('reads version 0 of what was never written', async () => {
    expect((await run('readControl', [])).reply).toEqual(['ok', '0', '0', '', '', '', '0', '']);
  });
});

describe('a document', () => {
  const portal = '{"openapiUrl":"https://a.example"}';
  const keep = (before: string[][] = [], args: NonNullable<ScriptRun['args']> = {}) =>
    run('keepDocument', [managed[1] ?? [], ['HSET', 'portals', 'p1', portal], ['SET', 'attempt', 'own'], ...before], {
      ...{ portalId: 'p1', openapiUrl: 'https://a.example', marker: 'own', ttlSeconds: '604800', textBytes: '200' },
      ...{ fieldsAndValues: ['urlHash', 'u', 'text', 'new'], ...args },
    });
  const copy = [
    ['HSET', 'document', 'bytes', '400', 'text', 'old', 'other', 'x'],
    ['EXPIRE', 'document', '86400'],
    ['HSET', 'quota', '#86400#', '400'],
  ];
  const portals = { p1: portal };
  const days7 = 604_800;

  test('keepDocument stores a copy for its time, and counts its bytes', async () => {
    const { reply, records, hour } = await keep([], { quotaBytes: '1500' });
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      portals,
      document: lasts(days7, { bytes: '500', urlHash: 'u', text: 'new' }),
      quota: { total: '1500', swept: hour(0), [hour(days7)]: '500' },
    });
  });

  test.each([
    ['replaces a copy and its bytes', '200', '500'],
    ['keeps the bytes of a copy whose text is the same', '0', '400'],
  ])('keepDocument %s', async (_, textBytes, bytes) => {
    const total = String(600 + Number(bytes));
    const { reply, records, hour } = await keep(copy, { textBytes, quotaBytes: total });
    expect(reply).toEqual(['ok']);
    expect(records).toEqual({
      portals,
      document: lasts(days7, { bytes, urlHash: 'u', text: 'new', other: 'x' }),
      quota: { total, swept: hour(0), [hour(days7)]: bytes },
    });
  });

  test('keepDocument ends its own attempt and stores nothing without room or without its portal', async () => {
    const full = await keep(copy, { quotaBytes: '1099' });
    const unchanged = {
      portals,
      document: lasts(86_400, { bytes: '400', text: 'old', other: 'x' }),
      quota: { total: '1000', swept: full.hour(0), [full.hour(86_400)]: '400' },
    };
    expect([full.reply, full.records]).toEqual([['quota_exceeded'], unchanged]);
    const otherUrl = await keep(copy, { openapiUrl: 'https://b.example' });
    expect([otherUrl.reply, otherUrl.records]).toEqual([['not_wanted'], unchanged]);
    const otherPortal = await keep(copy, { portalId: 'p2', marker: 'another' });
    expect([otherPortal.reply, otherPortal.records]).toEqual([['not_wanted'], { ...unchanged, attempt: 'own' }]);
  });

  const fetched = ['HSET', 'document', 'urlHash', 'u', 'fetchedAt', '5'];
  const begin = (before: string[][], fetchedAtRead = '') =>
    run('beginDocument', before, { marker: 'own', ttlSeconds: '30', urlHash: 'u', fetchedAtRead });

  test('beginDocument marks the attempt for its time', async () => {
    const { reply, records } = await begin([fetched], '5');
    expect([reply, records]).toEqual([
      ['ok'],
      { document: { urlHash: 'u', fetchedAt: '5' }, attempt: lasts(30, 'own') },
    ]);
  });

  test.each([
    ['not after a fetch that the caller has not seen', [fetched], '4', 'fetched'],
    ['not after the first fetch, either', [fetched], '', 'fetched'],
    ['not if the copy that the caller has read is gone', [], '5', 'fetched'],
    ['although there is a copy of another URL', [['HSET', 'document', 'urlHash', 'v', 'fetchedAt', '5']], '', 'ok'],
    ['not during another attempt', [['SET', 'attempt', 'another', 'EX', '20']], '', 'under_way'],
    ['although another attempt has longer than any may have', [['SET', 'attempt', 'another', 'EX', '86400']], '', 'ok'],
  ])('beginDocument begins %s', async (_, before, fetchedAtRead, outcome) => {
    expect((await begin(before, fetchedAtRead)).reply).toEqual([outcome]);
  });

  const fail = (before: string[][]) =>
    run('failDocument', before, { marker: 'own', failure: 'timeout', ttlSeconds: '60', urlHash: 'u' });

  test.each([
    ['marks a copy of its URL as stale', fetched, { urlHash: 'u', fetchedAt: '5', stale: '1' }],
    ['leaves a copy of another URL', ['HSET', 'document', 'urlHash', 'v'], { urlHash: 'v' }],
  ])('failDocument keeps the failure for its time, and %s', async (_, copied, document) => {
    const { reply, records } = await fail([copied, ['SET', 'attempt', 'own', 'EX', '5']]);
    expect([reply, records]).toEqual([['ok'], { document, attempt: lasts(60, 'timeout') }]);
  });

  test('failDocument changes nothing for an attempt that is over', async () => {
    const { reply, records } = await fail([fetched, ['SET', 'attempt', 'another']]);
    expect([reply, records]).toEqual([
      ['timed_out'],
      { document: { urlHash: 'u', fetchedAt: '5' }, attempt: 'another' },
    ]);
  });
});
