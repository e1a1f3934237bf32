import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { scripts } from './scripts.ts';

const directory = join(import.meta.dirname, 'scripts');
const luaIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.lua'))
    .map((name) => ({ name: name.slice(0, -'.lua'.length), lua: readFileSync(join(folder, name), 'utf8') }));
const withoutComments = (lua: string) => lua.replaceAll(/--.*$/gm, '');

/** The arguments that a script sends for an input, in order. */
function sentBy({ parseCommand }: { parseCommand: (parser: never, input: never) => void }, input: unknown) {
  const sent: { keys: string[]; args: string[] } = { keys: [], args: [] };
  const parser = {
    pushKey: (key: string) => sent.keys.push(key),
    push: (...args: string[]) => sent.args.push(...args),
  };
  parseCommand(parser as never, input as never);
  return sent;
}

describe.each(Object.entries(scripts))('%s', (name, { SCRIPT, names, outcomes, NUMBER_OF_KEYS }) => {
  const lua = withoutComments(SCRIPT);

  test('is the script of the file with its name', () => {
    expect(SCRIPT.endsWith(readFileSync(join(directory, `${name}.lua`), 'utf8'))).toBe(true);
  });

  test('uses every key and argument that its callers must pass', () => {
    // The head declares each name once.
    const unused = names.filter((declared) => lua.match(new RegExp(`\\b${declared}\\b`, 'g'))?.length === 1);
    expect(unused).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((declared) => declared.endsWith('Key'))).toHaveLength(NUMBER_OF_KEYS);
  });

  test('returns every declared outcome and no other', () => {
    const returned = [...lua.matchAll(/(?:return|or|page =) \{\s*'(\w+)'|code = '(\w+)'|remaining, reset = '(\w+)'/g)];
    const named = returned.map(([, plain, code, first]) => plain ?? code ?? first);
    expect(new Set(named)).toEqual(new Set(outcomes));
  });
});

test('every .lua file is in a script', () => {
  expect(luaIn(directory).map(({ name }) => name)).toEqual(Object.keys(scripts).sort((a, b) => (a < b ? -1 : 1)));
  const all = Object.values(scripts).map(({ SCRIPT }) => SCRIPT);
  for (const { name, lua } of luaIn(join(directory, 'snippets'))) {
    expect([name, all.some((source) => source.includes(lua))]).toEqual([name, true]);
  }
});

test('no script indexes KEYS or ARGV by hand', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(ts|lua)$/.test(name),
  );
  const counted = files.filter((name) =>
    /\b(KEYS|ARGV)\[\d/.test(readFileSync(join(import.meta.dirname, name), 'utf8')),
  );
  expect(counted).toEqual([]);
});

test('keys and arguments are sent in the order of the head, for any order of the caller', () => {
  const { SCRIPT } = scripts.createPortal;
  const ofCaller = { workspace: 'workspace', rootKeys: 'keys' };
  const own = { apis: 'apis', portalOrder: 'order', portals: 'portals', portalSlugs: 'slugs', audit: 'audit' };
  const keys = { ...own, ...ofCaller, quota: 'quota' };
  const auditArgs = { auditMaxAgeSeconds: 3, auditMaxEntries: 2, auditEntry: 'entry' };
  const callerArgs = { callerType: 'type', rootKeyHash: 'hash', quotaBytes: 4 };
  const ownArgs = { apiIds: ['api_1', 'api_2'], place: 'place', portal: '{}', portalId: 'id', slug: 'slug' };
  const args = { ...ownArgs, ...auditArgs, ...callerArgs, maxPortals: 5 };
  const sent = sentBy(scripts.createPortal, { keys, args });
  // A key that a snippet needs as well is sent once.
  const sentKeys = ['keys', 'workspace', 'audit', 'quota', 'slugs', 'portals', 'order', 'apis'];
  expect(sent.keys).toEqual(sentKeys);
  expect(sent.args).toEqual([
    ...['hash', 'type', 'entry', '2', '3', '4', 'slug', 'id', '{}', 'place', '5', 'api_1', 'api_2'],
  ]);
  const head = [...SCRIPT.matchAll(/^local (\w+) = (?:\{unpack\()?(?:KEYS|ARGV)/gm)].map(([, name]) => name);
  expect(head).toEqual([
    ...['rootKeysKey', 'workspaceKey', 'auditKey', 'quotaKey'],
    ...['portalSlugsKey', 'portalsKey', 'portalOrderKey', 'apisKey'],
    ...[
      'rootKeyHash',
      'callerType',
      'auditEntry',
      'auditMaxEntries',
      'auditMaxAgeSeconds',
      'quotaBytes',
      'slug',
      'portalId',
      'portal',
      'place',
      'maxPortals',
      'apiIds',
    ],
  ]);
});

describe('a reply', () => {
  const { transformReply } = scripts.replacePortal;

  test('becomes an object with its outcome', () => {
    expect(transformReply(['ok', '3'])).toEqual({ outcome: 'ok', endedEpoch: '3' });
    expect(transformReply(['api_not_found', 0, '2'])).toEqual({ outcome: 'api_not_found', positions: [0, 2] });
    expect(scripts.findSession.transformReply(['ok', 'value', '12', '34'])).toEqual({
      ...{ outcome: 'ok', session: 'value', loan: 12, resetMs: 34 },
    });
  });

  test('with an undeclared outcome is an error', () => {
    expect(() => transformReply(['slug_taken'])).toThrow('replacePortal');
    expect(() => transformReply(['toString'])).toThrow('replacePortal');
  });
});
