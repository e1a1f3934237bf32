import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parse as parseUrl } from 'node:url';
import type { Express, Request, RequestHandler, Response } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { isUri } from '../../domain/uri.ts';
import { root } from '../../package.ts';
import { invalidInput, maxFailures, Problem } from '../../problem.ts';
import { failureOf, type RawFailure } from './failures.ts';

/** Loads the library. A server does so once it listens, because this takes a good part of its start. */
const library = () => import('express-openapi-validator');

/** An error of the validator as a Problem; any other error unchanged. */
export async function toProblem(error: unknown, id: OperationId): Promise<unknown> {
  const { BadRequest } = (await library()).error;
  if (!(error instanceof BadRequest)) return error;
  return invalidInput(...(error.errors as RawFailure[]).slice(0, maxFailures).map((failure) => failureOf(id, failure)));
}

/** Validates requests, and optionally responses, against the contract. */
export interface ContractValidator {
  /**
   * Validates a request of this operation after its body was read. If responses are validated, makes `res.json` validate
   * this one, and throw if the contract does not allow it.
   *
   * @throws Problem invalid_input
   */
  check(id: OperationId, req: Request, res: Response): Promise<void>;
  /**
   * Compiles the schemas of operations now instead of at their first request. Other work runs in between.
   *
   * @throws Error if the contract is not valid
   */
  warmUp(app: Express, ids: OperationId[]): Promise<void>;
}

/** The part of a request that the validator reads, with what it knows about the operation. */
type SeenRequest = Pick<
  Request,
  'method' | 'originalUrl' | 'path' | 'query' | 'params' | 'headers' | 'cookies' | 'body'
> & {
  openapi?: unknown;
};

/**
 * The validator calls `url.parse`, which Node deprecates outside of packages: Node reads the stack at every call to see where
 * the caller is, until it has warned once. That takes longer than everything else in the validator.
 */
function deprecateUrlParseOnce(): void {
  const warnings = process as unknown as { noDeprecation?: boolean };
  const { noDeprecation = false } = warnings;
  warnings.noDeprecation = true;
  parseUrl('/');
  warnings.noDeprecation = noDeprecation;
}

/** What the validator reads of the contract. */
interface Contract {
  paths: Record<string, Record<string, { responses?: object }>>;
  components: Record<string, object>;
}

/** The same fields for code that asks for one by its name, and none for code that lists them. */
function unlisted(fields: object): object {
  const described = Object.entries(fields).map(([name, value]) => [name, { value, writable: true }]);
  // The validator clones its input: of an object it takes the fields that it can list, and the same prototype.
  return Object.create(Object.create(Object.prototype, Object.fromEntries(described)));
}

/**
 * A copy of the contract for the validator, which changes it. The validator puts all components, and for requests all paths too, into the
 * schema of each operation, and Ajv walks through all that it can list: that took half of the start of a server. So the components can
 * be found, and not be listed, and a contract for requests has no responses.
 */
function contractFor(what: 'requests' | 'responses'): Contract {
  const contract: Contract = JSON.parse(readFileSync(join(root, 'generated/contract.json'), 'utf8'));
  if (what === 'requests')
    for (const operation of Object.values(contract.paths).flatMap((methods) => Object.values(methods)))
      operation.responses = {};
  const { schemas = {} } = contract.components;
  return { ...contract, components: { ...contract.components, schemas: unlisted(schemas) } };
}

/**
 * The handlers of express-openapi-validator, by what they do. Its security is off: `authenticate` comes before it. Linters check that
 * the contract is valid OpenAPI.
 */
async function load(what: 'requests' | 'responses') {
  deprecateUrlParseOnce();
  const { middleware } = await library();
  const chain = middleware({
    apiSpec: contractFor(what) as never,
    validateApiSpec: false,
    validateRequests: { allErrors: true },
    validateResponses: what === 'responses',
    validateSecurity: false,
    fileUploader: false,
    // The library's own check is wider than RFC 3986.
    formats: { uri: { type: 'string', validate: isUri } },
  });
  const named = (name: string): RequestHandler => {
    const found = chain.find((handler) => handler.name === name);
    if (found === undefined) throw new Error(`express-openapi-validator has no ${name} any more`);
    return found as RequestHandler;
  };
  return {
    findOperation: named('metadataMiddleware'),
    check: named(what === 'requests' ? 'requestMiddleware' : 'responseMiddleware'),
  };
}

/** A check of the library, which is loaded at its first use. */
function checkOf(what: 'requests' | 'responses') {
  let loading: ReturnType<typeof load> | undefined;
  const handlers = () => {
    loading ??= load(what);
    return loading;
  };

  const run = (id: OperationId, handler: RequestHandler, req: SeenRequest, res: Response) =>
    new Promise<void>((resolve, reject) => {
      let isDone = false;
      handler(req as Request, res, (error?: unknown) => {
        // The library calls again if `res.json` gets a body that the contract does not allow. `res.json` then throws.
        if (isDone && error) throw error;
        isDone = true;
        if (error) void toProblem(error, id).then(reject);
        else resolve();
      });
    });

  /**
   * What the validator knows about each operation. Without this cache it builds a regular expression of every path until one
   * matches, at every request, which takes longer than everything else in it.
   */
  const found = new Map<OperationId, Promise<unknown>>();
  async function find(id: OperationId, app: Express): Promise<unknown> {
    const { method, path } = operations[id];
    const url = { method: method.toUpperCase(), originalUrl: path, path, baseUrl: '', app };
    const req: SeenRequest = { ...url, query: {}, params: {}, headers: {}, cookies: {}, body: {} };
    await run(id, (await handlers()).findOperation, req, {} as Response);
    return req.openapi;
  }

  /** Checks a request, or makes `res.json` check the response to it. @throws Problem invalid_input */
  return async (id: OperationId, app: Express, req: SeenRequest, res: Response): Promise<void> => {
    const known = found.get(id) ?? find(id, app);
    found.set(id, known);
    const openapi = await known;
    await run(id, (await handlers()).check, Object.assign(req, { openapi }), res);
  };
}

/** The only user of express-openapi-validator. */
export function contractValidator({ validateResponses }: { validateResponses: boolean }): ContractValidator {
  const checkRequest = checkOf('requests');
  const checkResponse = checkOf('responses');
  return {
    async check(id, req, res) {
      const app = req.app as Express;
      // The body was read as JSON, or there is none. The validator compiles a schema for every spelling of the content type,
      // so it always gets the same one.
      req.headers['content-type'] = 'application/json';
      const { method, originalUrl: url, headers, body } = req;
      // Not the request itself: Express parses the query at each access, and the validator makes three.
      const hasQuery = url.includes('?');
      const query = hasQuery ? req.query : {};
      const seen = {
        method,
        originalUrl: hasQuery ? url : '',
        path: '',
        query,
        params: {},
        headers,
        cookies: {},
        body,
      };
      await checkRequest(id, app, seen, res);
      if (validateResponses) await checkResponse(id, app, req, res);
    },
    async warmUp(app, ids) {
      for (const id of ids) {
        await setImmediate();
        const { method, path } = operations[id];
        const url = { method: method.toUpperCase(), originalUrl: path, path };
        const headers = { 'content-type': 'application/json' };
        const seen = { ...url, query: {}, params: {}, cookies: {}, headers, body: {} };
        await checkRequest(id, app, seen, {} as Response).catch((error) => {
          if (!(error instanceof Problem)) throw error;
        });
      }
    },
  };
}
