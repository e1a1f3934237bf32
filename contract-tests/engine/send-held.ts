import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiResponse } from './check-response.ts';
import { parsedBody } from './parsed-body.ts';

/** How long a server may take to say that it waits for the body, in ms. One that never says so has had time to start. */
const patienceMs = 1000;

/**
 * Sends the headers of a request, then runs `meanwhile`, and then sends the body. The server has begun with the request by then:
 * it has asked for the body (RFC 9110, section 10.1.1).
 *
 * @param timeoutMs how long the response may take after the body, in ms
 * @throws Error that `meanwhile` throws, or with the field `timeout` if no response comes in time
 */
export async function sendHeld(
  url: string,
  method: string,
  headers: Record<string, string>,
  content: string,
  meanwhile: () => Promise<unknown>,
  timeoutMs: number,
): Promise<ApiResponse> {
  const request = (url.startsWith('https:') ? requestHttps : requestHttp)(url, {
    method: method.toUpperCase(),
    headers: { ...headers, 'Content-Length': String(Buffer.byteLength(content)), Expect: '100-continue' },
  });
  const response = once(request, 'response');
  // A failure is reported where the response is read.
  response.catch(() => {});
  const asked = once(request, 'continue').catch(() => {});
  request.flushHeaders();
  await Promise.race([asked, response.catch(() => {}), sleep(patienceMs, undefined, { ref: false })]);
  try {
    await meanwhile();
  } catch (error) {
    request.destroy();
    throw error;
  }
  // For all of the response: a server can send a byte now and then.
  const late = setTimeout(() => {
    request.destroy(Object.assign(new Error(`Timeout of ${timeoutMs}ms exceeded`), { timeout: timeoutMs }));
  }, timeoutMs);
  try {
    request.end(content);
    const [message] = await response;
    const text = Buffer.concat(await message.toArray()).toString();
    const body = parsedBody(String(message.headers['content-type']), text);
    return { status: message.statusCode, headers: message.headers, body };
  } finally {
    clearTimeout(late);
  }
}
