/**
 * The steps on forwards of API keys. A forward is a STRING with the name of a record, `><partition>` or `><partition> <claimed>`: the number of
 * the partition that has the record, and when an import has written the forward, in Unix ms. The record of a key never begins with `>`.
 */
import { verifiesControl } from './callers.ts';
import { readsClock } from './quota.ts';
import { number, script, text } from './script.ts';

/** How long an import may take from its forward to the record, in ms: far longer than any does. */
export const claimMs = 600_000;

export const forwardScripts = {
  claimForward: script('claimForward', {
    uses: [verifiesControl, readsClock],
    keys: ['forward'],
    // `endAt` is in Unix ms, 0 without one. `instead` is a forward to another partition that has no such record, or ''.
    args: ['partition', 'endAt', 'instead'],
    constants: { claimMs },
    // `again`: it was there.
    outcomes: {
      ok: { stored: text },
      again: { stored: text },
      taken: {},
      elsewhere: { partition: number, stored: text },
    },
  }),
  removeClaim: script('removeClaim', {
    uses: [readsClock],
    // A forward, or the claim of a host name; both end with the time when they were written.
    keys: ['claim'],
    // `read` is its value as it was. One that is younger than `minAgeMs` stays.
    args: ['read', 'minAgeMs'],
    outcomes: { ok: {}, changed: {} },
  }),
  renewClaim: script('renewClaim', {
    keys: ['claim'],
    // `read` is the claim of a host name as it was.
    args: ['read', 'claim'],
    outcomes: { ok: {}, changed: {} },
  }),
};
