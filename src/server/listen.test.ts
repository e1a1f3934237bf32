import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, test } from '@jest/globals';
import { ListenError, listen } from './listen.ts';

/** A server that cannot listen, for the reason of this system error. */
function failing(error: Error): Server {
  const server = Object.assign(new EventEmitter(), {
    listen: () => void process.nextTick(() => server.emit('error', error)),
  });
  return server as unknown as Server;
}

test.each([
  ['EADDRINUSE', 'METRICS_PORT=80 is in use by another process: stop that process, or choose another port.'],
  ['EACCES', 'METRICS_PORT=80 requires a privilege that this process does not have: choose a port above 1023.'],
  ['EADDRNOTAVAIL', 'METRICS_HOST=acme.example is not an address of this machine.'],
  ['EAI_AGAIN', 'METRICS_HOST=acme.example is a name that cannot be resolved now.'],
  ['ENOTFOUND', 'METRICS_HOST=acme.example is not the name of an address of this machine.'],
  ['EOTHER', 'METRICS_PORT=80 is not usable: a reason of the system.'],
  [undefined, 'METRICS_PORT=80 is not usable: a reason of the system.'],
])('a server that cannot listen says which setting to change: %s', async (code, message) => {
  const cause = Object.assign(new Error('a reason of the system'), code === undefined ? {} : { code });
  const listening = listen(
    failing(cause),
    { port: 80, host: 'acme.example' },
    { port: 'METRICS_PORT', host: 'METRICS_HOST' },
  );
  const error = await listening.then(
    () => undefined,
    (refused: unknown) => refused,
  );
  expect(error).toBeInstanceOf(ListenError);
  expect(error).toMatchObject({ message, cause });
});
