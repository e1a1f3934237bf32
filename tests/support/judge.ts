import type { Reply } from './tenant.ts';

/** The distinct failures of responses that are neither a 200 nor a documented 503. */
export const broken = (replies: Reply[]) => [...new Set(replies.map((reply) => reply.broken).filter((what) => what))];

/** The duration of the slowest response, in ms. */
export const slowest = (replies: Reply[]) => Math.max(...replies.map(({ ms }) => ms));

/**
 * The longest delay that the busy machine itself caused, in ms: the duration of liveness, which does not use Redis. Time
 * limits are extended by it.
 */
export const machineDelayMs = ({ control }: { control: Reply[] }) => slowest(control);

/** The time from `since` to the first 200, in ms; Infinity without one. */
export const recoveryMs = (replies: Reply[], since: number) =>
  Math.min(...replies.filter(({ status, at }) => status === 200 && at > since).map(({ at }) => at)) - since;

/** Whether a 200 arrived after `since`. */
export const isServedSince = (replies: Reply[], since: number) => Number.isFinite(recoveryMs(replies, since));

export const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
