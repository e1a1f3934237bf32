import { once } from 'node:events';
import type { Server } from 'node:http';

/** The server cannot listen. The message is one sentence for the operator. */
export class ListenError extends Error {}

/** What the operator can do, by the code of the system error. */
const messages: Record<string, (port: string, host: string) => string> = {
  EADDRINUSE: (port) => `${port} is in use by another process: stop that process, or choose another port.`,
  EACCES: (port) => `${port} requires a privilege that this process does not have: choose a port above 1023.`,
  EADDRNOTAVAIL: (_, host) => `${host} is not an address of this machine.`,
  EAI_AGAIN: (_, host) => `${host} is a name that cannot be resolved now.`,
  ENOTFOUND: (_, host) => `${host} is not the name of an address of this machine.`,
};

/**
 * Listens on a port.
 *
 * @param names the settings that the port and the host come from, such as `PORT`
 * @throws ListenError
 */
export async function listen(
  server: Server,
  { port, host }: { port: number; host: string },
  names: { port: string; host: string },
): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const explain = messages[code] ?? ((named: string) => `${named} is not usable: ${message}.`);
    throw new ListenError(explain(`${names.port}=${port}`, `${names.host}=${host}`), { cause: error });
  }
}
