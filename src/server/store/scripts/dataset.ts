/** The record of all data together: the HASH that store/dataset.ts describes. */
import { readsClock } from './quota.ts';
import { number, script, snippet } from './script.ts';

/** What is written where 0.1.0 looks for root keys. It takes no text for one, so it does nothing. */
const lockedOut = 'this data is of a later version of Portico';
export const locksOut = snippet('lockedOut', { keys: ['oldRootKeys'], constants: { lockedOut } });

export const datasetScripts = {
  beatDataset: script('beatDataset', {
    writes: 'counts',
    uses: [readsClock],
    keys: ['dataset'],
    // A time without a server counts from `gapMs` on.
    args: ['format', 'gapMs'],
    // The time of the beat, in Unix ms of Redis.
    outcomes: { ok: { beat: number }, other_format: { format: number } },
  }),
  lockOut: script('lockOut', {
    uses: [locksOut],
    keys: ['rootKeys'],
    outcomes: { ok: {}, written_again: {} },
  }),
};
