import { setTimeout as sleep } from 'node:timers/promises';
import supertest from 'supertest';
import type { CaseRequest } from './case.ts';
import type { ApiResponse } from './check-response.ts';
import { issuedIn, noteCreated } from './created.ts';
import { parsedBody } from './parsed-body.ts';
import { currentScope } from './run.ts';
import { sendHeld } from './send-held.ts';

/** The names of the session cookie, for a portal on https and on http. */
export const sessionCookies = ['__Host-portal_session', 'portal_session'];

/** A session cookie as a browser sends it, under each of its names. */
export const cookieHeader = (token: string): string => sessionCookies.map((name) => `${name}=${token}`).join('; ');

/** Maximum time for a response, in ms. */
const timeoutMs = 10_000;

/** Whether this error says that no response came in time. */
export const isTimeout = (error: unknown): boolean => (error as { timeout?: number }).timeout === timeoutMs;

/** Sends one request to an operation, and notes what it creates. Throws where no response comes. */
export async function send(
  baseUrl: string,
  operation: { method: string; path: string },
  request: CaseRequest,
): Promise<ApiResponse> {
  const response = await sendOne(baseUrl, operation, request);
  const { created, issued } = currentScope()?.run ?? {};
  for (const secret of issuedIn(response)) issued?.add(secret);
  if (created !== undefined) noteCreated(created, operation.path, request, response);
  return response;
}

/** The longest time that a target may ask to wait, in s: a window of its limits. */
const mostWaitSeconds = 60;

/**
 * Sends a request, and sends it again after the time in `Retry-After` if the target refuses too many calls: a run has more of them than usual
 * limits allow. What runs before a body runs once, so such a request is not sent again.
 */
export async function sendPatiently(
  baseUrl: string,
  operation: { method: string; path: string },
  request: CaseRequest,
): Promise<ApiResponse> {
  const response = await send(baseUrl, operation, request);
  const { run } = currentScope() ?? {};
  if (response.status !== 429 || run?.patienceMs === undefined || request.beforeBody !== undefined) return response;
  const seconds = Number(response.headers['retry-after']);
  if (!(seconds > 0 && seconds <= mostWaitSeconds && seconds * 1000 <= run.patienceMs)) return response;
  run.patienceMs -= seconds * 1000;
  await sleep(seconds * 1000);
  return sendPatiently(baseUrl, operation, request);
}

async function sendOne(
  baseUrl: string,
  { method, path }: { method: string; path: string },
  { body, rawBody, authorization, cookie, headers = {}, query = '', beforeBody }: CaseRequest,
): Promise<ApiResponse> {
  if (beforeBody !== undefined) {
    const sent = {
      'Content-Type': 'application/json',
      ...(authorization && { Authorization: authorization }),
      ...headers,
    };
    return sendHeld(baseUrl + path + query, method, sent, JSON.stringify(body), beforeBody, timeoutMs);
  }
  const request = supertest(baseUrl)[method as 'post'](path + query);
  request
    .timeout(timeoutMs)
    .ok(() => true)
    .redirects(0)
    .buffer(true)
    .parse((message, done) => {
      message.setEncoding('utf8');
      let text = '';
      message.on('data', (chunk: string) => {
        text += chunk;
      });
      message.on('end', () => done(null, text));
    });
  request.set('User-Agent', 'portico-conformance');
  if (authorization !== undefined) request.set('Authorization', authorization);
  if (cookie !== undefined) request.set('Cookie', cookieHeader(cookie));
  const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  if (sent !== undefined) request.set('Content-Type', 'application/json');
  request.set(headers);
  // The library would write bytes as a JSON object of numbers.
  if (typeof sent === 'object') request.serialize(() => Buffer.from(sent) as unknown as string);
  const response = await (sent === undefined ? request : request.send(sent));
  return {
    status: response.status,
    headers: response.headers as ApiResponse['headers'],
    body: parsedBody(response.type, response.body),
  };
}
