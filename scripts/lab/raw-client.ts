/**
 * A client with minimal cost, so that a load test loads the server and not itself. It repeats one request over a few
 * sockets and parses only the length of the responses.
 */
import { createConnection } from 'node:net';

/** The bytes of a request. */
export function rawRequest(url: string, operation: string, bearer: string, body: unknown): Buffer {
  const text = JSON.stringify(body);
  const lines = [
    `POST /v2/${operation} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${bearer}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

/** The first complete response in the text and the rest, or undefined while it is incomplete. */
function firstResponse(text: string): { response: string; rest: string } | undefined {
  const head = text.indexOf('\r\n\r\n');
  const length = /\r\nContent-Length: (\d+)/i.exec(text)?.[1];
  if (head < 0 || length === undefined) return undefined;
  const end = head + 4 + Number(length);
  return text.length < end ? undefined : { response: text.slice(0, end), rest: text.slice(end) };
}

/** Waits until a server is ready, as a load balancer does. */
async function ready(port: number): Promise<void> {
  const readiness = () => fetch(`http://127.0.0.1:${port}/v2/readiness`).catch(() => undefined);
  while (!(await readiness())?.ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * Sends a request in sequence on one socket while `take` returns true, and reconnects if the server closes it. It repeats
 * a request without a response: a draining server responds to every request that it has started.
 *
 * @param take whether to send one more
 * @param onResponse called with each response, head and body
 */
export async function sendRepeatedly(
  port: number,
  request: Buffer,
  take: () => boolean,
  onResponse: (response: string) => void,
): Promise<void> {
  let pending = false;
  while (pending || take()) {
    pending = true;
    await ready(port);
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
      const found = firstResponse(text);
      if (found === undefined) return;
      text = found.rest;
      onResponse(found.response);
      pending = take();
      if (!pending || /\r\nConnection: close\r\n/i.test(found.response)) socket.end();
      else socket.write(request);
    });
    socket.on('connect', () => socket.write(request));
    socket.on('error', () => {});
    // A server that restarts closes the socket too.
    await new Promise((resolve) => socket.once('close', resolve));
  }
}
