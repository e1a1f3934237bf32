import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorReply } from 'redis';
import { deadlines } from './deadlines.ts';
import { deadline } from './unavailable.ts';

const intervalMs = 300;

/** The least of a client that is needed here. */
interface Pinged {
  ping(): Promise<unknown>;
  destroy(): void;
}

/**
 * Pings for as long as the answers come in time. A peer that hangs without closing is noticed by nothing else: a command
 * that was sent is covered by no timeout. A client that does not answer is destroyed, so that nothing waits for it.
 *
 * @returns what went wrong
 */
export async function heartbeat(clients: () => Promise<Pinged>[]): Promise<Error> {
  const ping = async (client: Promise<Pinged>) => {
    try {
      await deadline(
        client.then((pinged) => pinged.ping()),
        deadlines.heartbeat,
      );
    } catch (error) {
      // Whatever it is that Redis says, it is there.
      if (error instanceof ErrorReply) return;
      void client.then((hung) => hung.destroy()).catch(() => {});
      throw error;
    }
  };
  for (;;) {
    await sleep(intervalMs, undefined, { ref: false });
    try {
      await Promise.all(clients().map(ping));
    } catch (error) {
      return error as Error;
    }
  }
}
