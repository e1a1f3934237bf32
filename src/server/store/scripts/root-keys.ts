import { auditing } from './audit.ts';
import { verifiesManager } from './callers.ts';
import { changesControl } from './control.ts';
import { script } from './script.ts';

export const rootKeyScripts = {
  createRootKey: script('createRootKey', {
    uses: [verifiesManager, auditing],
    keys: ['rootKeyIds', 'rootKeys'],
    args: ['rootKeyId', 'hash', 'record', 'maxRootKeys'],
    outcomes: { ok: {}, too_many: {} },
  }),
  revokeRootKey: script('revokeRootKey', {
    uses: [verifiesManager, changesControl, auditing],
    keys: ['rootKeyIds', 'rootKeys'],
    args: ['rootKeyId'],
    outcomes: { ok: {}, not_found: {} },
  }),
};
