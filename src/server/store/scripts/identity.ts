import { snippet } from './script.ts';

/** How many bytes the record of a user takes besides its value, with its entry in the list. */
export const identityOverhead = 300;

/** Writes the record of a user who has none. */
export const recordsIdentity = snippet('identity', {
  keys: ['identity', 'identities', 'quota'],
  // `newIdentity` is the record to write if the user has none.
  args: ['newIdentity', 'externalId'],
  constants: { identityOverhead },
});

/** What every script uses that creates something for a user on behalf of a caller. `quotaBytes` is 0 without a quota. */
export const admitsIdentity = snippet('refuseErased', {
  uses: [recordsIdentity],
  args: ['quotaBytes'],
  outcomes: { identity_deleting: {}, quota_exceeded: {} },
});
