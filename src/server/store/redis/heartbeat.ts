import { ErrorReply } from 'redis';
import { deadlines } from './deadlines.ts';
import { pause } from './pause.ts';
import { deadline } from './unavailable.ts';

const intervalMs = 300;

/** The part of a client that the heartbeat needs. */
interface Pinged {
  ping(): Promise<unknown>;
  destroy(): void;
}

/**
 * Pings as long as the replies come in time. Nothing else notices a peer that hangs without closing: no timeout covers a
 * command that was sent. Destroys a client that does not reply, so that nothing waits for it.
 *
 * @returns why it stopped
 */
export async function heartbeat(clients: () => Promise<Pinged>[]): Promise<Error> {
  const ping = async (client: Promise<Pinged>) => {
    try {
      await deadline(
        client.then((pinged) => pinged.ping()),
        deadlines.heartbeat,
      );
    } catch (error) {
      // A refusal is a reply too: Redis is reachable.
      if (error instanceof ErrorReply) return;
      void client.then((hung) => hung.destroy()).catch(() => {});
      throw error;
    }
  };
  for (;;) {
    await pause(intervalMs);
    try {
      await Promise.all(clients().map(ping));
    } catch (error) {
      return error as Error;
    }
  }
}
