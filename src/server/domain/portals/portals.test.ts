import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Store } from '../../store/index.ts';
import type { Portal } from '../../store/portals.ts';
import type { Manager } from '../../store/proof.ts';
import type { PortalSettings } from './portal-settings.ts';
import {
  configurationOf,
  createPortal,
  deletePortal,
  findPortalForUsers,
  getPortal,
  isAllowedOrigin,
  portalForUsers,
  updatePortal,
} from './portals.ts';

const now = 1_800_000_000_000;
beforeEach(() => {
  jest.useFakeTimers({ now });
});
afterEach(() => {
  jest.useRealTimers();
});

const actor = { type: 'cli' } as const;
const by = { proof: { actor } as Manager };
const branding = { primaryColor: '#2563eb' };
const portal: Portal = {
  ...{ portalId: 'portal_1', workspaceId: 'ws_1', slug: 'acme', enabled: true, branding, apiIds: ['api_1'] },
  ...{ allowedReturnOrigins: [], version: 4, createdAt: 1, updatedAt: 2 },
};
/** How a portal without lists of origins is shown. */
const shown = { embeddingOrigins: [], allowedOrigins: [] };
const { workspaceId: _, ...stored } = portal;

/** A store whose portals are as given, one after the other, and that replies to the writes. */
function storeOf(given: (Portal | undefined)[], replies: unknown[]) {
  const calls: unknown[] = [];
  const [found, outcomes] = [[...given], [...replies]];
  const next = async () => (found.length > 1 ? found.shift() : found[0]);
  const reply = async (...call: unknown[]) => {
    calls.push(call);
    if (outcomes.length === 0) throw new Error('nothing more is written');
    return outcomes.shift();
  };
  const portals = {
    find: (...args: unknown[]) => {
      calls.push(['find', ...args]);
      return next();
    },
    findBySlug: (...args: unknown[]) => {
      calls.push(['findBySlug', ...args]);
      return next();
    },
    create: (after: Portal, { entry }: { entry: object }) => reply('create', after, entry),
    replace: (before: Portal, after: Portal, { entry }: { entry: object }) => reply('replace', before, after, entry),
    delete: (before: Portal, { entry }: { entry: object }) => reply('delete', before, entry),
  };
  return { store: { portals } as unknown as Store, calls };
}
const unknownApis = {
  code: 'unkey/application/invalid_input',
  failures: [0, 2].map((i) => expect.objectContaining({ location: `body.apiIds[${i}]` })),
};
const refusals: [unknown, object][] = [
  ['hostname_taken', { code: 'unkey/data/portal_hostname_taken' }],
  [{ unknownApis: [0, 2] }, unknownApis],
];

test('a configuration is shown without its workspace, and with empty lists of origins', () => {
  expect(configurationOf(portal)).toStrictEqual({ ...stored, ...shown });
  const origins = { embeddingOrigins: ['https://a.example'], allowedOrigins: ['https://b.example'] };
  expect(configurationOf({ ...portal, ...origins })).toStrictEqual({ ...stored, ...origins });
});

describe('a new portal', () => {
  test('has what it is given, and else nothing but a colour', async () => {
    const { store, calls } = storeOf([], ['ok', 'ok']);
    const blank = {
      ...{ workspaceId: 'ws_1', slug: 'acme', enabled: true, allowedReturnOrigins: [], ...shown },
      ...{ branding, apiIds: [], version: 1, createdAt: now, updatedAt: now },
    };
    const one = await createPortal(store, 'ws_1', { slug: 'acme' }, by);
    const { portalId } = one;
    expect(portalId).toMatch(/^portal_\w{20}$/);
    expect(one).toStrictEqual({ portalId, ...blank });
    const resource = { type: 'portal', id: portalId };
    const { workspaceId: __, ...after } = one;
    expect(calls).toStrictEqual([['create', one, { action: 'portal.create', actor, resource, after }]]);
    const settings = { name: 'Acme', enabled: false, apiIds: ['api_1'], branding: { primaryColor: '#000000' } };
    const { portalId: ___, ...other } = await createPortal(store, 'ws_1', { slug: 'acme', ...settings }, by);
    expect(other).toStrictEqual({ ...blank, ...settings });
  });

  test.each([['slug_taken', { code: 'unkey/data/portal_config_already_exists' }] as [unknown, object], ...refusals])(
    'is refused: %j',
    async (outcome, problem) => {
      await expect(createPortal(storeOf([], [outcome]).store, 'ws_1', { slug: 'acme' }, by)).rejects.toMatchObject(
        problem,
      );
    },
  );

  test('has valid settings', async () => {
    const { store, calls } = storeOf([], []);
    const failing = createPortal(store, 'ws_1', { slug: 'A', name: '\u200b' }, by);
    const failures = ['slug', 'name'].map((field) => expect.objectContaining({ location: `body.${field}` }));
    await expect(failing).rejects.toMatchObject({ failures });
    expect(calls).toEqual([]);
  });
});

describe('a portal', () => {
  test.each([
    ['portal_1', 'find'],
    ['acme', 'findBySlug'],
    ['portal', 'findBySlug'],
  ])('is found by %j with %s', async (idOrSlug, method) => {
    const { store, calls } = storeOf([portal], []);
    expect(await getPortal(store, 'ws_1', idOrSlug)).toBe(portal);
    expect(calls).toEqual([[method, 'ws_1', idOrSlug]]);
  });

  const update = (store: Store, settings: PortalSettings & { version?: number }) =>
    updatePortal(store, 'ws_1', 'portal_1', settings, by);
  const found = ['find', 'ws_1', 'portal_1'];
  const notFound = { code: 'unkey/data/portal_config_not_found' };
  const conflict = { code: 'unkey/data/portal_config_version_conflict' };

  test('is changed, and has the next version', async () => {
    const { store, calls } = storeOf([portal], ['ok']);
    const after = { ...portal, name: 'Acme', version: 5, updatedAt: now };
    expect(await update(store, { name: 'Acme', version: 4 })).toStrictEqual(after);
    const entry = {
      ...{ action: 'portal.update', actor, resource: { type: 'portal', id: 'portal_1' } },
      ...{ before: { version: 4, updatedAt: 2 }, after: { name: 'Acme', version: 5, updatedAt: now } },
    };
    expect(calls).toStrictEqual([found, ['replace', portal, after, entry]]);
  });

  test.each([{}, { enabled: true, apiIds: ['api_1'] }, { version: 4, branding: {} }, { name: null }])(
    'is not written if nothing changes by %j',
    async (settings) => {
      const { store, calls } = storeOf([portal], []);
      expect(await update(store, settings)).toBe(portal);
      expect(calls).toEqual([found]);
    },
  );

  test('that has changed meanwhile is changed as it is then', async () => {
    const changed = { ...portal, version: 5, name: 'Old' };
    const { store, calls } = storeOf([portal, changed], ['stale', 'ok']);
    expect(await update(store, { enabled: false })).toStrictEqual({
      ...changed,
      ...{ enabled: false, version: 6, updatedAt: now },
    });
    expect(calls).toHaveLength(4);
  });

  test.each<[string, object, unknown[], object]>([
    ['with another version', { version: 3, name: 'Acme' }, [], conflict],
    ['with another version, if nothing changes', { version: 3 }, [], conflict],
    ['whose version changes meanwhile', { version: 4, name: 'Acme' }, ['stale'], conflict],
    ['that is deleted meanwhile', { name: 'Acme' }, ['not_found'], notFound],
    ...refusals.map(([outcome, problem]): [string, object, unknown[], object] => [
      `with the reply ${JSON.stringify(outcome)}`,
      { name: 'Acme' },
      [outcome],
      problem,
    ]),
  ])('%s is not changed', async (_name, settings, outcomes, problem) => {
    await expect(update(storeOf([portal], outcomes).store, settings)).rejects.toMatchObject(problem);
  });

  test('is not changed by settings that are not valid', async () => {
    const { store, calls } = storeOf([portal], ['ok']);
    const failures = [expect.objectContaining({ location: 'body.name' })];
    await expect(update(store, { name: '\u200b' })).rejects.toMatchObject({ failures });
    expect(calls).toEqual([]);
  });

  test('is deleted, unless it was deleted before', async () => {
    const { store, calls } = storeOf([portal], [true, false]);
    expect(await deletePortal(store, 'ws_1', 'acme', by)).toBe('portal_1');
    const entry = { action: 'portal.delete', actor, resource: { type: 'portal', id: 'portal_1' } };
    expect(calls[1]).toStrictEqual(['delete', portal, { ...entry, before: { ...stored, ...shown } }]);
    await expect(deletePortal(store, 'ws_1', 'acme', by)).rejects.toMatchObject(notFound);
    const none = storeOf([undefined], []).store;
    await expect(getPortal(none, 'ws_1', 'acme')).rejects.toMatchObject(notFound);
    await expect(update(none, {})).rejects.toMatchObject(notFound);
  });
});

describe('the portal of a user', () => {
  const acme = { returnUrl: 'https://acme.example/keys', allowedReturnOrigins: ['https://b.example'] };
  test.each([
    ['no URL', {}, undefined, {}],
    ['its own URL', acme, undefined, { returnUrl: acme.returnUrl }],
    ['the URL of the session', acme, 'https://acme.example/x', { returnUrl: 'https://acme.example/x' }],
    ['that of the session at a listed origin', acme, 'https://b.example/', { returnUrl: 'https://b.example/' }],
    ['its own for that of a session elsewhere', acme, 'https://c.example/', { returnUrl: acme.returnUrl }],
    ['its own for one that is none', acme, 'nowhere', { returnUrl: acme.returnUrl }],
    ['no URL for that of a session', {}, 'https://acme.example/x', {}],
    ['no URL for one that is none, whatever is listed', { allowedReturnOrigins: [undefined] }, 'nowhere', {}],
  ])('returns to %s', async (_name, settings, own, expected) => {
    const full = { ...portal, ...settings } as Portal;
    const forUsers = { slug: 'acme', ...expected, branding };
    expect(portalForUsers(full, own)).toStrictEqual(forUsers);
    expect(await findPortalForUsers(storeOf([full], []).store, 'ws_1', 'portal_1', own)).toStrictEqual(forUsers);
  });

  test('is not there for a portal that was deleted', async () => {
    expect(await findPortalForUsers(storeOf([undefined], []).store, 'ws_1', 'portal_1', undefined)).toBeUndefined();
  });

  test('has a name, a place for support and the pages that embed it, if they are set', () => {
    const more = { name: 'Acme', supportUrl: 'https://help.example', embeddingOrigins: ['https://a.example'] };
    expect(portalForUsers({ ...portal, ...more })).toStrictEqual({ slug: 'acme', ...more, branding });
    expect(portalForUsers({ ...portal, embeddingOrigins: [] })).toStrictEqual({ slug: 'acme', branding });
  });
});

test.each([
  ['https://a.example', true],
  ['https://b.example', false],
  ['https://A.example', false],
  ['null', false],
])('a portal allows the calls of pages of %s: %s', async (origin, isAllowed) => {
  const asked: string[] = [];
  const isOriginAllowed = async (one: string) => {
    asked.push(one);
    return one !== 'https://b.example';
  };
  expect(await isAllowedOrigin({ portals: { isOriginAllowed } } as unknown as Store, origin)).toBe(isAllowed);
  expect(asked).toEqual(['https://a.example', 'https://b.example'].filter((one) => one === origin));
});
