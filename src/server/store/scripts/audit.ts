import { snippet } from './script.ts';

/** What every script that changes something uses to write its audit entry. */
export const auditing = snippet('audit', {
  keys: ['audit'],
  // `auditMaxAgeSeconds` is 0, except once in a while.
  args: ['auditEntry', 'auditMaxEntries', 'auditMaxAgeSeconds'],
});
