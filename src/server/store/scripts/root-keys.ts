import { auditing } from './audit.ts';
import { verifiesCaller, verifiesRootKey } from './callers.ts';
import { limitsCalls } from './rate-limits.ts';
import { script, text } from './script.ts';

export const rootKeyScripts = {
  createRootKey: script('createRootKey', {
    uses: [verifiesCaller, auditing],
    keys: ['rootKeyIds', 'rootKeys'],
    args: ['rootKeyId', 'hash', 'record', 'maxRootKeys'],
    outcomes: { ok: {}, too_many: {} },
  }),
  findRootKey: script('findRootKey', {
    uses: [verifiesRootKey, limitsCalls],
    outcomes: { ok: { rootKey: text } },
  }),
  revokeRootKey: script('revokeRootKey', {
    uses: [verifiesCaller, auditing],
    keys: ['rootKeyIds', 'rootKeys'],
    args: ['rootKeyId'],
    outcomes: { ok: {}, not_found: {} },
  }),
};
