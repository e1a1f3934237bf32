import { expect, test } from '@jest/globals';
import { PortalConfigurationSchema } from '../../../../generated/client/schemas.gen.ts';
import type { Store } from '../../store/index.ts';
import type { Portal } from '../../store/portals.ts';
import { hostOf, isServedAt, originOf, portalOfHost, type RequestHost, requireHost } from './hosts.ts';

const { maxLength } = PortalConfigurationSchema.properties.hostname;
const owner = { workspaceId: 'ws_1', portalId: 'portal_1' };
const base = 'portal.example';

/** Whose host this is, and whether the store was asked. */
async function found(name: string) {
  const asked: string[] = [];
  const find = async (hostname: string) => {
    asked.push(hostname);
    return owner;
  };
  const host = await hostOf({ hostnames: { find } } as unknown as Store, name, base);
  return { host, asked };
}

/** The error by which a step refuses. */
function refused(step: () => void): string[] {
  try {
    step();
    return [];
  } catch (problem) {
    return [(problem as { code: string }).code];
  }
}

/** A well-formed name of this length. */
const nameOf = (length: number) => `${length % 2 === 0 ? 'aa' : 'a'}${'.a'.repeat(Math.ceil(length / 2) - 1)}`;

test('a host of a portal has an owner, and a host that is unknown has none', async () => {
  expect(await found('keys.acme.example')).toEqual({
    host: { name: 'keys.acme.example', owner },
    asked: ['keys.acme.example'],
  });
  const none = { hostnames: { find: async () => undefined } } as unknown as Store;
  expect(Object.entries(await hostOf(none, 'keys.acme.example', base))).toEqual([['name', 'keys.acme.example']]);
});

test.each([
  ['the host of the server', base],
  ['no host', ''],
  ['capital letters', 'Keys.acme.example'],
  ['a name with a space', 'keys acme.example'],
  ['a name that is too long', nameOf(maxLength + 1)],
])('the store is not asked for the owner of hosts that no portal can have: %s', async (_, name) => {
  expect(await found(name)).toEqual({ host: { name }, asked: [] });
});

test('a host of a portal can be as long as its setting', async () => {
  const name = nameOf(maxLength);
  expect(await found(name)).toEqual({ host: { name, owner }, asked: [name] });
});

test('the portal of a host is that of its owner', async () => {
  const find = async (...args: string[]) => ({ found: args }) as unknown as Portal;
  const store = { portals: { find } } as unknown as Store;
  expect(await portalOfHost(store, { name: 'keys.acme.example', owner })).toEqual({ found: ['ws_1', 'portal_1'] });
  expect(await portalOfHost(store, { name: base })).toBeUndefined();
});

const own = { hostname: 'keys.acme.example' };
test.each<[string, { hostname?: string }, RequestHost, boolean]>([
  ['its own host', own, { name: 'keys.acme.example', owner }, true],
  ['the host of another portal', own, { name: 'keys.other.example', owner }, false],
  ['the host of the server, if it has its own', own, { name: base }, false],
  ['the host of the server', {}, { name: base }, true],
  ['the host of another portal, if it has none', {}, { name: 'keys.acme.example', owner }, false],
])('whether a portal is served at %s', (_, portal, host, isServed) => {
  const required = () => requireHost(portal, host);
  expect(isServedAt(portal, host)).toBe(isServed);
  const refusals = isServed ? [] : ['unkey/authorization/wrong_host'];
  expect(refused(required)).toEqual(refusals);
});

test.each([
  ['https://portal.example:8443', undefined, 'https://portal.example:8443'],
  ['https://portal.example:8443', 'keys.acme.example', 'https://keys.acme.example:8443'],
  ['http://localhost:3000', 'keys.acme.example', 'http://keys.acme.example:3000'],
])('a server at %s with the host %j has the origin %s', (server, hostname, origin) => {
  expect(originOf(server, hostname)).toBe(origin);
});
