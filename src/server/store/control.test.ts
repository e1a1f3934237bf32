import { describe, expect, test } from '@jest/globals';
import { Problem } from '../problem.ts';
import {
  type CheckedControl,
  type Control,
  callerOf,
  controlOf,
  controlStore,
  requireEntry,
  requireRootKey,
} from './control.ts';
import type { Portal, Workspace } from './control-data.ts';
import { keys } from './keys.ts';
import type { Operator, RootKey, SessionProof, VerifiedRootKey } from './proof.ts';
import type { Redis } from './redis.ts';

const place = { workspaceId: 'ws_1', partition: 17 };
const workspace = { workspaceId: 'ws_1', enabled: true } as Workspace;
const rootKey = { rootKeyId: 'root_1' } as RootKey;
const portal = { portalId: 'portal_1', enabled: true, allowedOrigins: ['https://a.example'] } as Portal;
const entry = { portal, epoch: '5' };
const control: Control = { version: '7', workspace, rootKey, entry, api: undefined };

const session = {
  ...{ actor: { type: 'user' }, ref: { ...place, handle: 'sess_1', hash: 'of token' } },
  ...{ portalId: 'portal_1', epoch: '5', pageOrigin: '' },
} as SessionProof;
const ofRootKey = {
  actor: { type: 'root_key', id: 'root_1' },
  verification: 'verified',
  hash: 'of key',
} as VerifiedRootKey;
const operator = { actor: { type: 'cli' } } as Operator;

/** The code of the refusal, or what was returned. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
}

const noSession = 'unkey/authentication/portal_session_not_found';
const foreign = 'unkey/authorization/foreign_origin';
const disabled = 'unkey/authorization/workspace_disabled';
const noWorkspace = 'unkey/data/workspace_not_found';
const noRootKey = 'unkey/authentication/key_not_found';

describe('control data', () => {
  test.each<[title: string, changed: Partial<Control>, of: Partial<SessionProof>, expected: unknown]>([
    ['of no workspace', { workspace: undefined }, {}, noSession],
    ['of no portal', { entry: undefined }, {}, noSession],
    ['of a page of the portal', {}, {}, portal],
    ['of an allowed page', {}, { pageOrigin: 'https://a.example' }, portal],
    ['of another page', {}, { pageOrigin: 'https://b.example' }, foreign],
    [
      'of a portal that allows no pages',
      { entry: { ...entry, portal: { ...portal, allowedOrigins: undefined } as unknown as Portal } },
      { pageOrigin: 'https://a.example' },
      foreign,
    ],
    ['of a disabled workspace', { workspace: { ...workspace, enabled: false } }, {}, disabled],
    [
      'of a disabled portal',
      { entry: { ...entry, portal: { ...portal, enabled: false } } },
      {},
      'unkey/authorization/forbidden',
    ],
    ['of a later epoch of the portal', { entry: { ...entry, epoch: '6' } }, {}, noSession],
  ])('%s accepts or refuses a session', (_, changed, of, expected) => {
    const now = { ...control, ...changed };
    expect(outcome(() => requireEntry(now, { ...session, ...of }))).toEqual(expected);
    const checked = expected === portal ? undefined : expected;
    expect(outcome(() => callerOf.check(now, { ...session, ...of }))).toEqual(checked);
  });

  test.each<[title: string, changed: Partial<Control>, ofKey: unknown, ofOperator: unknown]>([
    ['with the root key', {}, rootKey, undefined],
    ['without the root key', { rootKey: undefined }, noRootKey, undefined],
    ['of no workspace', { workspace: undefined }, noWorkspace, noWorkspace],
    ['of a disabled workspace', { workspace: { ...workspace, enabled: false } }, disabled, undefined],
  ])('%s accepts or refuses a root key, and an operator', (_, changed, ofKey, ofOperator) => {
    const now = { ...control, ...changed };
    expect(outcome(() => requireRootKey(now))).toEqual(ofKey);
    expect(outcome(() => callerOf.check(now, ofRootKey))).toEqual(ofKey === rootKey ? undefined : ofKey);
    expect(outcome(() => callerOf.check(now, operator))).toEqual(ofOperator);
  });
});

test.each([
  ['a session', session, { portalId: 'portal_1' }, 'sess_1', 'of token'],
  ['a root key', ofRootKey, { rootKeyHash: 'of key' }, 'none', ''],
  ['an operator', operator, {}, 'none', ''],
])('a script gets what proves %s by control data', (_, proof, wanted, handle, tokenHash) => {
  const checked = control as CheckedControl;
  const [controlSeen, callingSession] = [keys.controlSeen(place), keys.session(place, handle)];
  expect(callerOf.wanted(proof)).toEqual(wanted);
  expect(callerOf.of(place, proof, checked)).toEqual({
    keys: { controlSeen, callingSession },
    args: { controlVersion: '7', tokenHash },
  });
  expect([controlOf.keys(place), controlOf.args(checked)]).toEqual([{ controlSeen }, { controlVersion: '7' }]);
});

test('a process that has read no control data has none in its cache', () => {
  const none = controlStore({ connection: () => 1 } as Redis);
  expect([none.served(), none.lastEntries(control), none.lastApis(control)]).toEqual([[], [], []]);
  expect([none.cachedApi(control, 'api_1'), none.cachedRootKey('ws_1', 'of key')]).toEqual([undefined, undefined]);
});
