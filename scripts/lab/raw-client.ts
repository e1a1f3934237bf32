/**
 * A client that costs next to nothing, so that a load test loads the server and not itself: the same request again and
 * again over a few sockets, of whose answers it reads no more than the length and the code.
 */
import { createConnection } from 'node:net';

/** A request as it goes over the wire. */
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

/** The first whole answer in the text and what is behind it, or undefined while it is not all there. */
function firstAnswer(text: string): { answer: string; rest: string } | undefined {
  const head = text.indexOf('\r\n\r\n');
  const length = /\r\nContent-Length: (\d+)/i.exec(text)?.[1];
  if (head < 0 || length === undefined) return undefined;
  const end = head + 4 + Number(length);
  return text.length < end ? undefined : { answer: text.slice(0, end), rest: text.slice(end) };
}

/** Waits until a server says that it can serve, as a load balancer would. */
async function ready(port: number): Promise<void> {
  const answer = () => fetch(`http://127.0.0.1:${port}/v2/readiness`).catch(() => undefined);
  while (!(await answer())?.ok) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * Sends a request until `take` says no more, one after another on one socket, and connects again where the server ends.
 * A request that was not answered is sent again: a server that drains answers all that it has begun.
 *
 * @param take whether to send one more
 * @param onAnswer told of each answer, head and body
 */
export async function sendAgainAndAgain(
  port: number,
  request: Buffer,
  take: () => boolean,
  onAnswer: (answer: string) => void,
): Promise<void> {
  let owed = false;
  while (owed || take()) {
    owed = true;
    await ready(port);
    const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
      const found = firstAnswer(text);
      if (found === undefined) return;
      text = found.rest;
      onAnswer(found.answer);
      owed = take();
      if (!owed || /\r\nConnection: close\r\n/i.test(found.answer)) socket.end();
      else socket.write(request);
    });
    socket.on('connect', () => socket.write(request));
    socket.on('error', () => {});
    // A server that is away for a moment ends here too.
    await new Promise((resolve) => socket.once('close', resolve));
  }
}
