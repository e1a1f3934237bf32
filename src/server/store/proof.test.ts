/** Nothing is written for a caller who was valid a moment ago: every write is in a script that proves its caller first. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scripts } from './scripts.ts';

const server = join(import.meta.dirname, '..');
/** The TypeScript files of the server without tests, by their paths. */
const sources = readdirSync(server, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.ts$/.test(name) && !/\.(test|test-d)\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(server, name), 'utf8') }));
const bodyOf = (name: string) => readFileSync(join(import.meta.dirname, `scripts/${name}.lua`), 'utf8');

/** The commands that write nothing. Any other counts as one that writes. */
const reads = new Set([
  ...['GET', 'HGET', 'HMGET', 'HEXISTS', 'HGETALL', 'TTL', 'PTTL', 'PEXPIRETIME', 'TIME', 'ZCARD', 'ZCOUNT', 'ZRANGE'],
  // As node-redis spells those that run outside of scripts.
  ...[
    'hGet',
    'hmGet',
    'hGetAll',
    'hKeys',
    'hVals',
    'get',
    'mGet',
    'pExpireTime',
    'sMembers',
    'sRandMemberCount',
    'scan',
  ],
  ...[
    'exists',
    'hExists',
    'pTTL',
    'xRange',
    'xRevRange',
    'zCard',
    'zRange',
    'zRangeWithScores',
    'time',
    'info',
    'configGet',
  ],
  // Methods of a connection.
  ...['close', 'connect', 'destroy', 'on', 'once', 'then'],
]);

/** The scripts that write without proving a caller, with the reason. */
const unproved: Record<string, string> = {
  beatDataset: 'what a server notes about all data, which belongs to no caller',
  lockOut: 'a step of the migration, which only an operator starts',
  raiseVersion: 'a version that a process has read at home; a later one stays',
  leaseCalls: 'counts the calls of a root key before anything is done for it; a revoked key gains nothing',
  countCalls: 'counts strangers by their address',
  putWorkspace: 'only an operator can call it, and it creates the workspace that a proof would look for',
  forgetKeys: 'removes from lists only keys whose records Redis has removed',
  removeClaim: 'removes only a forward, or the claim of a host name, that leads to no record',
  renewClaim: 'writes only the claim of the same portal again',
  removeApiKeys: 'removes only keys of an API that a proved caller has deleted',
  markErased: 'completes an erasure that beginErasure has recorded for a proved caller, as the other steps do',
  eraseSessions: 'as markErased',
  eraseKeys: 'as markErased',
  eraseUsage: 'as markErased',
  beginRedaction: 'as markErased',
  copyEntries: 'as markErased',
  swapLogs: 'as markErased',
  finishErasure: 'as markErased',
  settleRequest: 'replaces only the marker that beginRequest wrote for the same request, after its work',
  sweepQuota: 'removes from a quota what has ended',
  beginDocument: 'a copy of a document, which the server fetches for all users of a portal',
  keepDocument: 'as beginDocument',
  failDocument: 'as beginDocument',
  keepCatalogue: 'as beginDocument: what a document offers as scopes of an API',
  readScopes: 'takes keys that have ended out of the counts',
  rollUpUsage: 'moves counts of verifications that were proved',
  forgetMinutes: 'removes minutes that are no longer stored',
  migrateApiKey: 'only an operator migrates; it writes a key that 0.1.0 has stored, once',
  migrateUsage: 'as migrateApiKey, with usage',
  removeOld: 'as migrateApiKey: removes what was moved, or ended',
};

/** The first statements of a script at home that proves its caller, and returns at once if the caller is refused. */
const proof = /^local refused = refuse(Manager|RootKey)\(\).*\nif refused then return refused end\n/;

/** The parts of scripts in a partition that end the script at once if the caller is refused. They come before everything else. */
const parts = ['requireControl', 'requireSession', 'requireOwner', 'requireControlAndRead'].map((name) =>
  readFileSync(join(import.meta.dirname, `scripts/snippets/${name}.lua`), 'utf8'),
);

/** What a script does before its own statements and functions: nothing, or a proof. */
function withoutHead(script: string): string {
  const lines = script.replace(/^#!.*\n/, '').split('\n');
  const first = lines.findIndex((line) => !/^local \w+ = (KEYS|ARGV|\{unpack\(ARGV)/.test(line));
  return lines.slice(first).join('\n');
}

test('each script that writes proves its caller before anything else, or is in the list with a reason', () => {
  const withoutProof = Object.entries(scripts).flatMap(([name, { SCRIPT }]) => {
    const lua = SCRIPT.replaceAll(/--.*$/gm, '');
    const writes = [...lua.matchAll(/redis\.p?call\(\s*'(\w+)'/g)].some(([, command = '']) => !reads.has(command));
    const statements = bodyOf(name).replaceAll(/^--.*\n/gm, '');
    const head = withoutHead(SCRIPT);
    const isProved = proof.test(statements) || [parts[0], parts[3]].some((part) => head.startsWith(String(part)));
    return writes && !isProved ? [name] : [];
  });
  // An entry whose script proves its caller, writes nothing or is gone must go as well.
  expect(withoutProof.sort()).toEqual(Object.keys(unproved).sort());
});

test('each script that a session calls proves the session right after the control data', () => {
  const [control = '', ...ofSessions] = parts;
  const withSession = Object.entries(scripts).filter(([, { names }]) => names.includes('callingSessionKey'));
  expect(withSession.map(([name]) => name)).toContain('createApiKey');
  for (const [name, { SCRIPT }] of withSession) {
    const next = withoutHead(SCRIPT).slice(control.length);
    expect([name, ofSessions.some((part) => next.startsWith(part))]).toEqual([name, true]);
  }
});

test('no script hides a command from the test above', () => {
  const hidden = Object.values(scripts).flatMap(({ SCRIPT }) => [
    ...SCRIPT.replaceAll(/--.*$/gm, '').matchAll(/redis\.p?call\b(?!\(\s*'\w+')/g),
  ]);
  expect(hidden).toEqual([]);
});

/** The commands that write outside of scripts, with the reason. */
const unscripted: Record<string, string> = {
  'store/allowed-origins.ts sAdd': 'only finds candidates, in another slot; the record of a portal decides',
  'store/allowed-origins.ts sRem': 'as its sAdd',
  'store/api-key-reader.ts zRem': 'removes the entries of keys whose records Redis has removed',
  'store/api-keys.ts hDel': 'forgets a deleted API whose keys are removed',
  'store/dataset.ts hDel': 'what is known of all data, which only an operator changes',
  'store/dataset.ts hSet': 'as its hDel; a server only notes that the data is older than itself',
  'store/erasures.ts hDel': 'forgets an erasure that is complete',
  'store/erasures.ts del': 'drops the half of a log that nobody writes any more',
  'store/openapi-documents.ts withTypeMapping': 'writes nothing: the hmGet behind it returns bytes',
  'store/portal-lists.ts unlink': 'removes the lists of sessions that a proved caller has ended',
  'store/redis/replication.ts del': 'removes its own mark',
  'store/redis/replication.ts set': 'a mark that exists only until its del, for the WAIT behind it',
  'store/redis/replication.ts wait': 'writes nothing',
  'store/session-reader.ts zRem': 'removes the entries of sessions that are over',
  'store/signing-key.ts set': 'a key of the server, which belongs to no caller',
  'store/workspaces.ts sAdd': 'only an operator can call it; an id without a record is skipped',
  'store/forwards.ts pExpireAt':
    'a forward of an API key, in another slot; it names only the place of the record, which decides',
  'store/forwards.ts persist': 'as its pExpireAt',
  'store/forwards.ts set': 'as its pExpireAt',
  'store/hostnames.ts set':
    'claims a host name for a change whose own step proves the caller; one that is refused gives it back',
  'store/migration.ts del': 'the lock of the migration, which only an operator starts',
  'store/migration.ts expire': 'as its del',
  'store/migration.ts set': 'as its del',
  'store/migration.ts sRem': 'the marks of what was moved',
  'store/migration.ts unlink': 'the marks of what was moved',
};

test('nothing is written outside of scripts, except what is in the list with a reason', () => {
  const written = sources.flatMap(({ name, text }) =>
    [...text.matchAll(/\bclient\.(\w+)\(/g)]
      .map(([, command = '']) => command)
      .filter((command) => !reads.has(command) && !Object.hasOwn(scripts, command))
      .map((command) => `${name} ${command}`),
  );
  expect([...new Set(written)].sort()).toEqual(Object.keys(unscripted).sort());
});

test('only the verification of a credential and the command line make a proof', () => {
  const makes = sources.filter(({ text }) =>
    /\bas (unknown as )?(VerifiedRootKey|SessionProof|AuthenticatedSession|Operator|Proof)\b/.test(text),
  );
  expect(makes.map(({ name }) => name).sort()).toEqual(['cli/operator.ts', 'store/root-keys.ts', 'store/sessions.ts']);
});
