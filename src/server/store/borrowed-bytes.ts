import { LRUCache } from 'lru-cache';

/** Of how many quotas a process remembers what it has borrowed. */
const maxQuotas = 10_000;
const hourMs = 3_600_000;

/** Bytes of a quota that are counted already, for records that end in one hour. */
interface Loan {
  /** In hours since 1970. */
  hour: number;
  left: number;
}

/** The reply of a script that has written a record. `expiresAt` is in Unix ms, and `loan` in bytes. */
type Written = { expiresAt: number; loan: number };

/**
 * The bytes that a process has borrowed of quotas, as scripts/snippets/lendBytes.lua lends them. A record for which it has enough costs
 * Redis no counter.
 */
export function borrowedBytes() {
  const loans = new LRUCache<string, Loan>({ max: maxQuotas });
  /** Of which quotas a call is borrowing. Others do not borrow meanwhile, so that a process has one loan at most. */
  const borrowing = new Set<string>();

  function take(quota: string, bytes: number): string {
    const loan = loans.get(quota);
    if (loan !== undefined && loan.left >= bytes) {
      loan.left -= bytes;
      return String(loan.hour);
    }
    if (borrowing.has(quota)) return 'count';
    borrowing.add(quota);
    return 'lend';
  }

  return {
    /**
     * Writes a record.
     *
     * @param write runs the script. It gets the hour in which the record has to end because its bytes are borrowed for that, or `lend`
     *   or `count`
     */
    async write<Reply extends { outcome: string }>(
      quota: string,
      bytes: number,
      write: (lent: string) => Promise<Reply>,
    ): Promise<Reply> {
      const lent = take(quota, bytes);
      let reply: Reply;
      try {
        reply = await write(lent);
      } finally {
        if (lent === 'lend') borrowing.delete(quota);
      }
      const loan = loans.get(quota);
      if (reply.outcome === 'ok') {
        const { expiresAt, loan: more } = reply as unknown as Written;
        const hour = Math.floor(expiresAt / hourMs);
        // A loan for another hour is of no use any more.
        loans.set(quota, { hour, left: (loan?.hour === hour ? loan.left : 0) + more });
      } else if (loan !== undefined && lent === String(loan.hour)) loan.left += bytes;
      return reply;
    },
  };
}
