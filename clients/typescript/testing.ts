/** A server that answers what it is told to, one answer a request, for the tests. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';

/** One answer; `hang` never comes. */
export interface Scripted {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  hang?: boolean;
}

/** What it was asked. */
interface Received {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Unix ms. */
  at: number;
}

/** A failure as the contract has it. */
export const failure = (status: number, code: string, headers: Record<string, string> = {}): Scripted => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: {
    meta: { requestId: 'req_2c9a0jf23l4k567' },
    error: { title: 'No', detail: 'It does not go.', status, type: `https://unkey.com/docs/errors/${code}` },
  },
});

/** A success as the contract has it. */
export const success = (data: unknown): Scripted => ({
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: { meta: { requestId: 'req_2c9a0jf23l4k567' }, data },
});

/** Starts one on a free port of loopback. When its answers are used up, the last one is given again. */
export async function answering(...answers: Scripted[]) {
  const received: Received[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const { url: path = '', method = '', headers } = req;
    received.push({ path, method, headers, body: Buffer.concat(chunks).toString(), at: Date.now() });
    const answer = answers[Math.min(received.length, answers.length) - 1];
    if (answer === undefined || answer.hang) return;
    res.writeHead(answer.status, answer.headers);
    res.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
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
