/** A server that returns scripted responses, one for each request, for the tests. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/**
 * One response. With `hang`, the server never sends it. With `cut`, it closes the connection before the response, or in the
 * middle of it.
 */
export interface Scripted {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  hang?: boolean;
  cut?: 'before' | 'middle';
}

/** A request that the server received. */
interface Received {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Unix ms. */
  at: number;
}

/** A failure in the format of the contract. */
export const failure = (status: number, code: string, headers: Record<string, string> = {}): Scripted => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: {
    meta: { requestId: 'req_2c9a0jf23l4k567' },
    error: { title: 'Failure', detail: 'The request failed.', status, type: `https://unkey.com/docs/errors/${code}` },
  },
});

/** A success in the format of the contract. */
export const success = (data: unknown): Scripted => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: { meta: { requestId: 'req_2c9a0jf23l4k567' }, data },
});

/** Starts a server on a free loopback port. It repeats the last response after all others. */
export async function startScriptedServer(...responses: Scripted[]) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const { url: path = '', method = '', headers } = req;
    received.push({ path, method, headers, body: Buffer.concat(chunks).toString(), at: Date.now() });
    const response = responses[Math.min(received.length, responses.length) - 1];
    if (response === undefined || response.hang) return;
    if (response.cut === 'before') {
      req.socket.destroy();
      return;
    }
    res.writeHead(response.status, response.headers);
    if (response.cut === 'middle') {
      res.write('{"meta":', () => req.socket.destroy());
      return;
    }
    res.end(typeof response.body === 'string' ? response.body : JSON.stringify(response.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
