/** The steps that move data of 0.1.0 to its new places. Each can be repeated after a kill at any point. */
import { recordsIdentity } from './identity.ts';
import { recordsKeys } from './keys.ts';
import { countsBytes, readsClock } from './quota.ts';
import { script } from './script.ts';

export const migrationScripts = {
  migrateApiKey: script('migrateApiKey', {
    uses: [...recordsKeys, recordsIdentity],
    // `migrated` has what is written here and may still be at its old place.
    keys: ['migrated', 'apiKey', 'apiKeyRate'],
    // `used` is how often the key was used in its current window, which ends at `windowEnd`, in Unix ms; 0 without a window.
    args: ['hash', 'value', 'place', 'used', 'windowEnd'],
    outcomes: { ok: {} },
  }),
  migrateUsage: script('migrateUsage', {
    uses: [readsClock, recordsIdentity],
    keys: ['migrated', 'usageLog', 'usageWork'],
    // `part` names what is counted, of everything that is migrated. `user` is the user's entry in the index of work.
    args: ['part', 'user', 'apiId', 'keyId', 'counts'],
    outcomes: { ok: {} },
  }),
  removeOld: script('removeOld', {
    uses: [readsClock, countsBytes],
    // `overhead` is what the quota counts for each record besides its text, or '' if it does not count it.
    args: ['overhead'],
    rest: 'names',
    outcomes: { ok: {} },
  }),
};
