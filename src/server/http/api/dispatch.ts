import type { Request, RequestHandler, Response } from 'express';
import { type BodyLimits, bodyLimits, type OperationId, operations } from '../../../../generated/operations.ts';
import { once, type RepeatableRequest } from '../../domain/idempotency.ts';
import { hostOf, originOf } from '../../domain/portals/hosts.ts';
import { operationHandlers } from '../../operations/index.ts';
import type { Call, Operation, OperationDeps } from '../../operations/operation.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Admission } from '../admission.ts';
import { MethodNotAllowed } from '../problem-response.ts';
import { requestIdOf } from '../request.ts';
import { hostnameOf } from '../request-host.ts';
import { readSessionCookies, serializeSessionCookie } from '../session-cookie.ts';
import { type Authentication, authenticate, refuseStranger, type Sent } from './authenticate.ts';
import { authorOf } from './author.ts';
import { allowCalling, allowReading, crossOriginAccess, variesByOrigin } from './cors.ts';
import { foreignOriginOf, isFromPage } from './cross-origin.ts';
import { isKnownTag, tagOf } from './entity-tags.ts';
import { readBody } from './json-body.ts';
import type { ResponseWriter } from './json-response.ts';
import type { ContractValidator } from './validate.ts';

/** What validates requests against the contract, writes responses, and counts both. */
export interface Contract {
  admission: Pick<Admission, 'begin' | 'end'>;
  validator: ContractValidator;
  writer: ResponseWriter;
}

/** The request as one that may be repeated, if the operation takes an Idempotency-Key and the request has one. */
function repeatableRequest(
  id: OperationId,
  req: Request,
  res: Response,
  credential: string | undefined,
): RepeatableRequest | undefined {
  const key = req.headers['idempotency-key'];
  if (typeof key !== 'string' || credential === undefined || !('idempotent' in operations[id])) return undefined;
  return { operationId: id, requestId: requestIdOf(res), key, body: req.body, credential };
}

/** The operations that only read. Verifications and reports only count. */
const reads = /^(liveness|readiness|\w+\.(get|list|verify|report)\w+)$/;
/** Refusals that say what Redis has. */
const refusalsOfData: readonly number[] = [401, 403, 404, 409];

/**
 * Lets the refusal of a change wait for replicas as the change itself does. A client that repeats a deletion learns from a 404 that it
 * was done, and a failover must not undo that.
 */
async function confirmRefusal(id: OperationId, error: unknown, { store }: OperationDeps): Promise<void> {
  if (error instanceof Problem && refusalsOfData.includes(error.status) && !reads.test(id)) await store.confirm();
}

/** Runs the operation, once for any number of repeated requests. */
function run<Id extends OperationId>(
  operation: Operation<Id>,
  call: Call<Id>,
  deps: OperationDeps,
  { caller }: Pick<Authentication<OperationId>, 'caller'>,
) {
  const { repeatable } = call;
  // What a session creates is stored together with its response, in one step of the operation.
  if (repeatable === undefined || caller === undefined || !('verification' in caller)) return operation(call, deps);
  // A stored response may go to a caller that Redis has verified, and to no other.
  if (caller.verification === 'cached') throw new Error('a cached root key has an Idempotency-Key');
  return once(deps.store, caller, repeatable, async () => operation(call, deps));
}

/**
 * Reads, authenticates, parses, validates, runs and responds: the way of every operation, and the only writer of success
 * bodies. The bytes come first, because a client can take 30 s for them, and a caller may be revoked meanwhile. This costs
 * memory for strangers as well, at most 100 kB for each connection, as `portal.exchangeSession` does anyway. Only somebody with a valid
 * root key can send more.
 */
async function serve<Id extends OperationId>(
  id: Id,
  deps: OperationDeps,
  contract: Contract,
  req: Request,
  res: Response,
  sent: Sent,
): Promise<void> {
  const limits: BodyLimits = 'bodyLimits' in operations[id] ? operations[id].bodyLimits : bodyLimits;
  if (limits.bytes > bodyLimits.bytes) await refuseStranger(req, deps.store);
  const parse = await readBody(req, res, limits);
  const { admission } = contract;
  // A process that is full is alive and ready.
  if (id === 'liveness' || id === 'readiness') {
    await work(id, deps, contract, req, res, sent, parse);
    return;
  }
  admission.begin();
  try {
    await work(id, deps, contract, req, res, sent, parse);
  } catch (error) {
    await confirmRefusal(id, error, deps);
    throw error;
  } finally {
    admission.end();
  }
}

/** Authenticates, parses, validates, runs and responds. */
async function work<Id extends OperationId>(
  id: Id,
  deps: OperationDeps,
  { validator, writer }: Contract,
  req: Request,
  res: Response,
  { pageOrigin, host }: Sent,
  parse: () => unknown,
): Promise<void> {
  const authentication = await authenticate(id, req, deps, { pageOrigin, host });
  const { caller, credential, confirm } = authentication;
  try {
    req.body = parse();
    if (req.body === undefined) {
      // The validator accepts a missing body if no field of it is required.
      if (operations[id].body === 'required')
        throw invalidInput({ location: 'body', message: 'is required', fix: 'Send a JSON object as the body.' });
      // The validator writes the defaults into the body.
      if (operations[id].body === 'optional') req.body = {};
    }
    await validator.check(id, req, res);
  } catch (error) {
    await confirm?.();
    throw error;
  }
  const operation: Operation<Id> = operationHandlers[id];
  const call: Call<Id> = {
    body: req.body,
    caller,
    author: () => authorOf(req, res, caller),
    cookieTokens: () => (isFromPage(req.headers) ? readSessionCookies(req, deps.portalBaseUrl) : []),
    knows: (version) => isKnownTag(req.get('if-none-match'), tagOf(version)),
    idempotencyKey: req.get('idempotency-key'),
    pageOrigin,
    host,
    repeatable: repeatableRequest(id, req, res, credential),
  };
  const reply = await run(operation, call, deps, authentication);
  const meta = { requestId: requestIdOf(res) };
  // The operation was done, so the portal of the session allows the page.
  if (pageOrigin !== undefined) writer.add(res, allowReading(pageOrigin));
  if ('dataAsJson' in reply) {
    const { version, dataAsJson } = reply;
    writer.add(res, ['ETag', tagOf(version)]);
    if (dataAsJson === undefined) writer.empty(res, 304);
    else writer.json(res, [`{"meta":${JSON.stringify(meta)},"data":`, ...dataAsJson, '}']);
    return;
  }
  const { data, pagination, sessionCookie, csv } = reply;
  if (sessionCookie !== undefined)
    writer.add(res, ['Set-Cookie', serializeSessionCookie(sessionCookie.token, deps.portalBaseUrl)]);
  if (csv !== undefined && req.accepts(['application/json', 'text/csv']) === 'text/csv') {
    writer.text(res, 'text/csv', csv());
    return;
  }
  res.json({ meta, data, ...(pagination && { pagination }) });
}

/** Whether the request is a preflight: a browser asks whether a page of another origin may send the request. */
const isPreflight = ({ method, headers }: Request) =>
  method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;

/**
 * Serves all operations of the contract at their paths. No operation has parameters in its path, so the path is looked up.
 *
 * @throws MethodNotAllowed for another method than the operation's
 */
export function dispatch(deps: OperationDeps, contract: Contract): RequestHandler {
  const { writer } = contract;
  const baseHost = new URL(deps.portalBaseUrl).hostname;
  const idOfPath = new Map((Object.keys(operations) as OperationId[]).map((id) => [operations[id].path as string, id]));
  const access = crossOriginAccess(deps.store);

  /** The error of a request, as the page of another origin that sent it may learn of it. */
  async function forPage(error: unknown, res: Response, pageOrigin: string): Promise<unknown> {
    if (await access.isAllowed(pageOrigin)) {
      writer.add(res, allowReading(pageOrigin));
      return error;
    }
    // The page learns nothing else.
    return error instanceof Problem && error.status < 500 ? new Problem('unkey/authorization/foreign_origin') : error;
  }

  /** A request to an operation that pages of other origins can call. */
  async function serveAcross(id: OperationId, method: string, req: Request, res: Response): Promise<void> {
    let pageOrigin: string | undefined;
    try {
      const host = await hostOf(deps.store, hostnameOf(req), baseHost);
      pageOrigin = foreignOriginOf(req.headers, originOf(deps.portalBaseUrl, host.owner && host.name));
      if (pageOrigin !== undefined && isPreflight(req)) {
        if (!(await access.isAllowed(pageOrigin))) throw new Problem('unkey/authorization/foreign_origin');
        writer.add(res, allowCalling(pageOrigin, method));
        writer.empty(res, 204);
        return;
      }
      if (req.method !== method) throw new MethodNotAllowed(method);
      res.locals['operationId'] = id;
      await serve(id, deps, contract, req, res, { host, pageOrigin });
      if (pageOrigin !== undefined) access.remember(pageOrigin);
    } catch (error) {
      throw pageOrigin === undefined ? error : await forPage(error, res, pageOrigin);
    }
  }

  return (req, res, next) => {
    const end = req.url.indexOf('?');
    const id = idOfPath.get(end < 0 ? req.url : req.url.slice(0, end));
    if (id === undefined) {
      next();
      return;
    }
    const method = operations[id].method.toUpperCase();
    if ('crossOrigin' in operations[id]) {
      writer.prepare(res, variesByOrigin);
      serveAcross(id, method, req, res).catch(next);
      return;
    }
    writer.prepare(res);
    // HEAD is GET without the body, which Node omits (RFC 9110, section 9.3.2).
    const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
    if (!methods.includes(req.method)) throw new MethodNotAllowed(methods.join(', '));
    res.locals['operationId'] = id;
    serve(id, deps, contract, req, res, { host: { name: '' }, pageOrigin: undefined }).catch(next);
  };
}
