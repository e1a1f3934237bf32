/** Draining a real HTTP server. Only its deadline is on a fake clock. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { drainable } from './drain.ts';

afterEach(() => {
  jest.useRealTimers();
});

/** A server whose responses the test ends. */
async function serve() {
  const server = createServer();
  const drain = drainable(server);
  const requests: ServerResponse[] = [];
  const waiting: ((res: ServerResponse) => void)[] = [];
  server.on('request', (_req, res) => {
    requests.push(res);
    waiting.shift()?.(res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    drain,
    nextRequest: () => new Promise<ServerResponse>((resolve) => waiting.push(resolve)),
    async open(): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
      const socket = connect(port, '127.0.0.1');
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      const closed = once(socket, 'close');
      await once(socket, 'connect');
      return { socket, received: () => received, closed };
    },
  };
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a response in progress is completed and asks the client to close the connection', async () => {
  const { drain, nextRequest, open } = await serve();
  const { socket, received, closed } = await open();
  socket.write(get);
  const res = await nextRequest();
  const drained = drain();
  res.end('done');
  await drained;
  await closed;
  expect(received()).toMatch(/\r\nConnection: close\r\n[\s\S]*done/);
});

test('a response whose headers are sent is completed', async () => {
  const { drain, nextRequest, open } = await serve();
  const { socket, received, closed } = await open();
  socket.write(get);
  const res = await nextRequest();
  res.setHeader('Content-Length', 4).write('do');
  const drained = drain();
  res.end('ne');
  socket.end();
  await drained;
  await closed;
  expect(received()).toMatch(/\r\nConnection: keep-alive\r\n[\s\S]*done/);
});

test('the request that completes after the signal is served, and its connection is closed', async () => {
  const { drain, nextRequest, open } = await serve();
  const { socket, received, closed } = await open();
  socket.write('GET / HTTP/1.1\r\n');
  // Another connection shows that the server has read the first bytes.
  const other = await open();
  other.socket.write(get);
  (await nextRequest()).end();
  const drained = drain();
  socket.write('Host: x\r\n\r\n');
  (await nextRequest()).end('late');
  await drained;
  await closed;
  expect(received()).toMatch(/\r\nConnection: close\r\n[\s\S]*late/);
});

test('idle connections are closed, and no timer is left', async () => {
  const { drain, nextRequest, open } = await serve();
  const { socket, closed } = await open();
  socket.write(get);
  (await nextRequest()).end();
  await once(socket, 'data');
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  await drain();
  await closed;
  expect(jest.getTimerCount()).toBe(0);
});

test('a client that is stuck is cut after ten seconds, and not before', async () => {
  const { server, drain, nextRequest, open } = await serve();
  const { socket, closed } = await open();
  socket.write(get);
  await nextRequest();
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  const cut = jest.spyOn(server, 'closeAllConnections');
  const drained = drain();
  jest.advanceTimersByTime(9999);
  expect(cut).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  await drained;
  await closed;
});
