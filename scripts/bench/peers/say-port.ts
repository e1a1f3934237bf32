import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Tells the benchmark where to find the server, in the words of our own log. */
export const sayPort = (server: Server): void => {
  process.once('SIGTERM', () => process.exit());
  process.stdout.write(`${JSON.stringify({ msg: 'listening', port: (server.address() as AddressInfo).port })}\n`);
};
