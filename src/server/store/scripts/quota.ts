/**
 * How many bytes a workspace and each of its users store. Each script that writes or removes a record which users or backends can add counts it:
 * the length of its text, and about as many bytes as Redis and the indexes take for it besides.
 */
import { snippet } from './script.ts';

/** `now` and `whole`. */
export const readsClock = snippet('clock');
/** Counts records. Needs `readsClock` before it. */
export const countsBytes = snippet('quota', { keys: ['quota'], constants: { recordOverhead: 300 } });
/**
 * Counts a record, and lends bytes for more. Needs `countsBytes` before it. `bytes` is the size of the record; `quotaBytes` is 0 without
 * a quota.
 */
export const lendsBytes = snippet('lendBytes', { args: ['bytes', 'quotaBytes'] });
/** Counts the keys and responses of a user for them, too. */
export const countsBytesOfUser = snippet('userQuota', { uses: [countsBytes], keys: ['userQuota'] });
/** Refuses a record that the workspace has no room for. Needs `countsBytes` before it. `quotaBytes` is 0 without a quota. */
export const limitsBytes = snippet('refuseOverQuota', { args: ['quotaBytes'], outcomes: { quota_exceeded: {} } });
