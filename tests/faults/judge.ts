import type { Reply } from '../support/tenant.ts';

/** Every way in which an answer was neither a 200 nor a 503 as it is documented, once. */
export const broken = (replies: Reply[]) => [...new Set(replies.map((reply) => reply.broken).filter((what) => what))];

/** How long the slowest answer took, in ms. */
export const slowest = (replies: Reply[]) => Math.max(...replies.map(({ ms }) => ms));

/**
 * By how many ms the machine itself has held up an answer at most: what liveness took, which needs no Redis. Limits that hold
 * on an idle machine are that much further off on a busy one.
 */
export const heldUpMs = ({ control }: { control: Reply[] }) => slowest(control);

/** How many ms after that moment the first 200 came. */
export const recoveryMs = (replies: Reply[], since: number) =>
  Math.min(...replies.filter(({ status, at }) => status === 200 && at > since).map(({ at }) => at)) - since;

/** Whether a 200 came after that moment. */
export const isServedSince = (replies: Reply[], since: number) => Number.isFinite(recoveryMs(replies, since));

export const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
