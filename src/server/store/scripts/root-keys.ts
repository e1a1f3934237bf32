import { auditing } from './audit.ts';
import { limitsCalls } from './rate-limits.ts';
import { type ReplyOf, script, snippet, text } from './script.ts';

/** Verifies the root key of a call and counts the call. The script calls `refuseRootKey` before anything else. */
export const verifiesRootKey = snippet('refuseRootKey', {
  keys: ['rootKeys', 'workspace', 'calls'],
  args: ['rootKeyHash', 'rootKeyLimit'],
  uses: [limitsCalls],
  outcomes: { ...limitsCalls.outcomes, root_key_not_found: {}, workspace_not_found: {}, workspace_disabled: {} },
});

/** The reply of a script to a root key that is not valid, or over its limit. */
export type RootKeyRefusal = ReplyOf<(typeof verifiesRootKey)['outcomes']>;

export const rootKeyScripts = {
  createRootKey: script('createRootKey', {
    uses: [auditing],
    keys: ['rootKeyIds', 'rootKeys'],
    args: ['rootKeyId', 'hash', 'record'],
    outcomes: { ok: {} },
  }),
  findRootKey: script('findRootKey', { uses: [verifiesRootKey], outcomes: { ok: { rootKey: text } } }),
  revokeRootKey: script('revokeRootKey', {
    uses: [auditing],
    keys: ['rootKeyIds', 'rootKeys'],
    args: ['rootKeyId'],
    outcomes: { ok: {}, not_found: {} },
  }),
};
