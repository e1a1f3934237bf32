/** Flows of pages of other origins (CORS): what a browser lets them send and read. */

import type { Flow } from '../engine/check.ts';
import type { ApiResponse } from '../engine/check-response.ts';
import { newId } from '../engine/ids.ts';
import { callWithRootKey } from '../engine/root-key-steps.ts';
import { createSession, dataOf, exchangeSession } from '../engine/session-steps.ts';
import { type Spec, type SpecOperation, specOperations } from '../engine/spec.ts';
import type { Trial } from '../engine/trial.ts';

const refused = { status: 403, error: 'unkey/authorization/foreign_origin' };
const notFound = { status: 401, error: 'unkey/authentication/portal_session_not_found' };
const unknown = 'Bearer ps_unknownUnknownUnknownUnknownUnknown';
const evil = 'https://evil.example';

/** An origin that no other check uses. */
const freshOrigin = () => `https://${newId()}.example`;
/** The headers that a browser adds to the request of a page. */
const from = (origin: string, site = 'cross-site') => ({ Origin: origin, 'Sec-Fetch-Site': site });

/** A new portal that allows these origins. */
async function portalWith(trial: Trial, ...allowedOrigins: string[]): Promise<{ portalId: string; slug: string }> {
  const body = { slug: `portal-${newId()}`, allowedOrigins };
  return dataOf(await callWithRootKey(trial, 'portal.createConfiguration', body));
}

/** The token of a browser session of the portal. */
async function tokenOf(trial: Trial, slug: string): Promise<string> {
  const { created } = await createSession(trial, { slug });
  return (await exchangeSession(trial, created.sessionId)).token;
}

const listOf = (response: ApiResponse, header: string): string[] =>
  String(response.headers[header] ?? '')
    .split(',')
    .map((text) => text.trim().toLowerCase());

function expectVary(trial: Trial, response: ApiResponse): void {
  trial.assert(listOf(response, 'vary').includes('origin'), 'the response has Vary: Origin');
}

/** A browser lets the page read the response, also if the page sends cookies. */
function expectReadable(trial: Trial, response: ApiResponse, origin: string): void {
  const allowed = response.headers['access-control-allow-origin'];
  trial.assert(allowed === origin, `Access-Control-Allow-Origin is ${origin}, not ${allowed}`);
  const credentials = response.headers['access-control-allow-credentials'];
  trial.assert(credentials === 'true', `Access-Control-Allow-Credentials is true, not ${credentials}`);
  expectVary(trial, response);
}

/** No browser lets a page of another origin read the response. */
function expectUnreadable(trial: Trial, response: ApiResponse): void {
  const names = Object.keys(response.headers).filter((name) => name.startsWith('access-control-'));
  trial.assert(names.length === 0, `the response has no CORS headers, not ${names.join(', ')}`);
}

/** A preflight: a browser asks whether a page of this origin may send the request. */
const preflight = (trial: Trial, { method, path }: Pick<SpecOperation, 'method' | 'path'>, origin: string) =>
  trial.sendUndocumented('options', path, {
    headers: {
      ...from(origin),
      'Access-Control-Request-Method': method.toUpperCase(),
      'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key,if-none-match',
    },
  });

/** Flows of an operation that pages of other origins can call. */
const shared = (operation: SpecOperation): Flow[] => [
  {
    operation: operation.operationId,
    name: 'a preflight is granted to an origin that some portal allows, and to no other',
    async run(trial) {
      const origin = freshOrigin();
      await portalWith(trial, origin);
      const granted = await preflight(trial, operation, origin);
      trial.assert(granted.status === 204, `the status is 204, not ${granted.status}`);
      expectReadable(trial, granted, origin);
      const method = operation.method.toUpperCase();
      const methods = listOf(granted, 'access-control-allow-methods');
      trial.assert(methods.includes(method.toLowerCase()), `${method} is allowed`);
      const headers = listOf(granted, 'access-control-allow-headers');
      for (const name of ['authorization', 'content-type', 'idempotency-key', 'if-none-match'])
        trial.assert(headers.includes(name), `the header ${name} is allowed`);
      const maxAge = Number(granted.headers['access-control-max-age']);
      trial.assert(maxAge > 0, `browsers may cache the reply for a while, not for ${maxAge} s`);
      for (const other of [freshOrigin(), `${origin}.evil.example`, `${origin}:8443`, 'null']) {
        const response = await preflight(trial, operation, other);
        trial.assert(response.status === 403, `the status is 403 for another origin, not ${response.status}`);
        expectUnreadable(trial, response);
        expectVary(trial, response);
      }
    },
  },
  {
    operation: operation.operationId,
    name: 'a page of an origin that some portal allows can read errors, and a page of another origin learns nothing',
    async run(trial) {
      const origin = freshOrigin();
      await portalWith(trial, origin);
      const invalid = { status: 400, error: 'unkey/application/invalid_input' };
      const [request, promised] =
        operation.security.length > 0 ? [{ authorization: unknown }, notFound] : [{ body: {} }, invalid];
      const send = (origin: string, expected: typeof promised) =>
        trial.call(operation.operationId, { ...request, headers: from(origin) }, expected);
      expectReadable(trial, await send(origin, promised), origin);
      const hidden = await send(evil, refused);
      expectUnreadable(trial, hidden);
      expectVary(trial, hidden);
      expectVary(trial, await trial.call(operation.operationId, request, promised));
    },
  },
];

/** The flow of an operation that is not for browsers, or needs no session. */
const closed = ({ operationId, method, path }: SpecOperation): Flow => ({
  operation: operationId,
  name: 'sends no CORS headers to any origin',
  async run(trial) {
    const origin = freshOrigin();
    await portalWith(trial, origin);
    const { rootKey } = await trial.arrange('portal');
    const refusal = await preflight(trial, { method, path }, origin);
    trial.assert(refusal.status === 405, `a preflight returns 405, not ${refusal.status}`);
    expectUnreadable(trial, refusal);
    const request = method === 'get' ? {} : { authorization: `Bearer ${rootKey}`, body: {} };
    expectUnreadable(trial, await trial.attempt(operationId, { ...request, headers: from(origin) }));
  },
});

const sessions: Flow[] = [
  {
    operation: 'portal.getOpenapiDocument',
    name: 'a page of an origin that the portal of its session allows can read the document and its ETag',
    async run(trial) {
      const { slug, token } = await trial.arrange('portalWithDocument');
      const origin = freshOrigin();
      await callWithRootKey(trial, 'portal.updateConfiguration', {
        portal: slug,
        version: 1,
        allowedOrigins: [origin],
      });
      const call = (headers: Record<string, string>, status: number) =>
        trial.call(
          'portal.getOpenapiDocument',
          { authorization: `Bearer ${token}`, headers: { ...from(origin), ...headers } },
          { status },
        );
      const read = await call({}, 200);
      const unchanged = await call({ 'If-None-Match': String(read.headers['etag']) }, 304);
      for (const response of [read, unchanged]) {
        expectReadable(trial, response, origin);
        trial.assert(listOf(response, 'access-control-expose-headers').includes('etag'), 'the page can read the ETag');
      }
    },
  },
  {
    operation: 'portal.getSession',
    name: 'a page of an origin that the portal of its session allows can call it, with the token and with the cookie',
    async run(trial) {
      const [one, two] = [freshOrigin(), freshOrigin()];
      const token = await tokenOf(trial, (await portalWith(trial, one, two)).slug);
      for (const [headers, origin] of [
        [from(one), one],
        [from(two, 'same-site'), two],
        [{ Origin: one }, one],
      ] as const)
        for (const credential of [{ authorization: `Bearer ${token}` }, { cookie: token }]) {
          const response = await trial.call('portal.getSession', { ...credential, headers }, { status: 200 });
          expectReadable(trial, response, origin);
          const exposed = listOf(response, 'access-control-expose-headers');
          for (const name of ['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'])
            trial.assert(exposed.includes(name), `the page can read the header ${name}`);
        }
    },
  },
  {
    operation: 'portal.getSession',
    name: 'a page of an origin that only another portal allows gets a refusal that it can read',
    async run(trial) {
      const [own, other] = [freshOrigin(), freshOrigin()];
      const token = await tokenOf(trial, (await portalWith(trial, own)).slug);
      await portalWith(trial, other);
      for (const credential of [{ authorization: `Bearer ${token}` }, { cookie: token }])
        expectReadable(
          trial,
          await trial.call('portal.getSession', { ...credential, headers: from(other) }, refused),
          other,
        );
    },
  },
  {
    operation: 'portal.getSession',
    name: 'a response to a request that no page of another origin sends has Vary: Origin and no CORS headers',
    async run(trial) {
      const origin = freshOrigin();
      const { slug } = await portalWith(trial, origin);
      const response = await trial.call(
        'portal.getSession',
        { authorization: `Bearer ${await tokenOf(trial, slug)}` },
        { status: 200 },
      );
      expectUnreadable(trial, response);
      expectVary(trial, response);
    },
  },
  {
    operation: 'portal.updateConfiguration',
    name: 'an origin is allowed from the change that adds it to the change that removes it',
    async run(trial) {
      const origin = freshOrigin();
      const { portalId, slug } = await portalWith(trial);
      const token = await tokenOf(trial, slug);
      const get = (expected: { status: number }) =>
        trial.call('portal.getSession', { authorization: `Bearer ${token}`, headers: from(origin) }, expected);
      const change = (version: number, allowedOrigins: string[]) =>
        callWithRootKey(trial, 'portal.updateConfiguration', { portal: portalId, version, allowedOrigins });
      expectUnreadable(trial, await get(refused));
      await change(1, [origin]);
      expectReadable(trial, await get({ status: 200 }), origin);
      await change(2, []);
      expectUnreadable(trial, await get(refused));
    },
  },
  {
    operation: 'portal.deleteConfiguration',
    name: 'an origin stays allowed while another portal allows it, and not longer',
    async run(trial) {
      const origin = freshOrigin();
      const portals = [await portalWith(trial, origin), await portalWith(trial, origin)];
      const get = (expected: { status: number }) =>
        trial.call('portal.getSession', { authorization: unknown, headers: from(origin) }, expected);
      for (const { portalId } of portals) {
        expectReadable(trial, await get(notFound), origin);
        await callWithRootKey(trial, 'portal.deleteConfiguration', { portal: portalId });
      }
      expectUnreadable(trial, await get(refused));
    },
  },
  {
    operation: 'portal.exchangeSession',
    name: 'a page of an origin that the portal allows can exchange a session id, and a page of another one does not use it up',
    async run(trial) {
      const [own, other] = [freshOrigin(), freshOrigin()];
      const { slug } = await portalWith(trial, own);
      await portalWith(trial, other);
      const { sessionId } = (await createSession(trial, { slug })).created;
      const exchange = (headers: Record<string, string>, expected: { status: number }) =>
        trial.call('portal.exchangeSession', { body: { sessionId }, headers }, expected);
      expectReadable(trial, await exchange(from(other), refused), other);
      expectUnreadable(trial, await exchange(from(evil), refused));
      expectUnreadable(trial, await exchange({ 'Sec-Fetch-Site': 'cross-site' }, refused));
      expectReadable(trial, await exchange(from(own), { status: 200 }), own);
    },
  },
];

/** Flows of pages of other origins, for every operation. */
export const crossOrigin = (spec: Spec): Flow[] => [
  ...specOperations(spec).flatMap((operation) =>
    operation['x-cross-origin'] === true ? shared(operation) : [closed(operation)],
  ),
  ...sessions,
];
