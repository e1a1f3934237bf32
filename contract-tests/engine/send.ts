import supertest from 'supertest';
import type { CaseRequest } from './case.ts';
import type { Answer } from './check-response.ts';
import type { SpecOperation } from './spec.ts';

/** How long an answer may take, in ms, before it counts as none. */
const patienceMs = 10_000;

/** Sends one request to an operation. Throws where no answer comes. */
export async function send(
  baseUrl: string,
  { method, path }: Pick<SpecOperation, 'method' | 'path'>,
  { body, rawBody, authorization, cookie, headers = {}, query = '' }: CaseRequest,
): Promise<Answer> {
  const agent = supertest(baseUrl);
  const request = method === 'get' ? agent.get(path + query) : agent.post(path + query);
  request.timeout(patienceMs).ok(() => true);
  if (authorization !== undefined) request.set('Authorization', authorization);
  if (cookie !== undefined) request.set('Cookie', `portal_session=${cookie}`);
  if (body !== undefined || rawBody !== undefined) request.set('Content-Type', 'application/json');
  request.set(headers);
  const response = await (rawBody === undefined && body === undefined
    ? request
    : request.send(rawBody ?? (body as object)));
  return {
    status: response.status,
    headers: response.headers as Answer['headers'],
    body: response.type === 'application/json' ? response.body : response.text || undefined,
  };
}
