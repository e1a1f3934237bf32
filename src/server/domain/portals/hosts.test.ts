import { expect, test } from '@jest/globals';
import { PortalConfigurationSchema } from '../../../../generated/client/schemas.gen.ts';
import type { Store } from '../../store/index.ts';
import { hostOf } from './hosts.ts';

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
