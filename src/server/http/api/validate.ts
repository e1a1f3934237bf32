import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parse as parseUrl } from 'node:url';
import type { Express, Request, RequestHandler, Response } from 'express';
import type { RequestValidatorOptions } from 'express-openapi-validator/dist/framework/types.js';
import type { RequestValidator } from 'express-openapi-validator/dist/middlewares/openapi.request.validator.js';
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
   * this one.
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

/** A function that the library has compiled from the schemas of an operation, and the request as it reads it. */
type CompiledCheck = (request: Pick<SeenRequest, 'query' | 'params' | 'headers' | 'cookies' | 'body'>) => boolean;

/** What the types of the library hide: where it has its compiled functions. */
interface Compiled {
  ajv: { getSchema(key: string): CompiledCheck | undefined };
  ajvBody: { getSchema(key: string): CompiledCheck | undefined };
}

/** The object behind the library's handlers. */
interface Library {
  ajvOpts: { request: RequestValidatorOptions };
  requestValidationMiddleware(contract: ConstructorParameters<typeof RequestValidator>[0]): RequestHandler;
}

/** The handlers of express-openapi-validator, by what they do. Its security is off: `authenticate` comes before it. */
async function load(validateResponses: boolean) {
  deprecateUrlParseOnce();
  const { middleware } = await library();
  const chain = middleware({
    // The validator changes its input, so it gets a copy. Linters check that the contract is valid OpenAPI.
    apiSpec: JSON.parse(readFileSync(join(root, 'generated/contract.json'), 'utf8')),
    validateApiSpec: false,
    validateRequests: { allErrors: true },
    validateResponses,
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
  const { _oav: behind } = middleware as unknown as { _oav: Library };
  const { RequestValidator } = await import('express-openapi-validator/dist/middlewares/openapi.request.validator.js');
  let compiled: Compiled | undefined;
  // As the library does it, but with a reference to what it compiles.
  behind.requestValidationMiddleware = (contract) => {
    const requests = new RequestValidator(contract, behind.ajvOpts.request);
    compiled = requests as unknown as Compiled;
    return (req, res, next) => requests.validate(req as never, res, next);
  };
  return {
    findOperation: named('metadataMiddleware'),
    checkRequest: named('requestMiddleware'),
    checkResponse: validateResponses ? named('responseMiddleware') : undefined,
    /** The functions that the library has compiled for requests of an operation: of their parameters and of their body. */
    compiledChecks(method: string, path: string): CompiledCheck[] {
      const checks = [compiled?.ajv, compiled?.ajvBody].map((ajv) =>
        ajv?.getSchema(`${method}-${path}-application/json`),
      );
      return checks.map((check) => {
        if (check === undefined) throw new Error('express-openapi-validator has no compiled functions any more');
        return check;
      });
    },
  };
}

/** The only user of express-openapi-validator. */
export function contractValidator({ validateResponses }: { validateResponses: boolean }): ContractValidator {
  let loading: ReturnType<typeof load> | undefined;
  const handlers = () => {
    loading ??= load(validateResponses);
    return loading;
  };

  const run = (id: OperationId, handler: RequestHandler, req: SeenRequest, res: Response) =>
    new Promise<void>((resolve, reject) => {
      handler(req as Request, res, (error?: unknown) => (error ? toProblem(error, id).then(reject) : resolve()));
    });

  /** Has the library find and compile an operation. Without this it looks for the path at every request. */
  async function compile(id: OperationId, app: Express) {
    const { findOperation, checkRequest, checkResponse, compiledChecks } = await handlers();
    const method = operations[id].method.toUpperCase();
    const { path } = operations[id];
    const headers = { 'content-type': 'application/json' };
    const url = { method, originalUrl: path, path, baseUrl: '', app };
    const req: SeenRequest = { ...url, query: {}, params: {}, headers, cookies: {}, body: {} };
    await run(id, findOperation, req, {} as Response);
    await run(id, checkRequest, req, {} as Response).catch((error) => {
      // An empty body is not valid for most operations.
      if (!(error instanceof Problem)) throw error;
    });
    return { openapi: req.openapi, checks: compiledChecks(method, path), checkRequest, checkResponse };
  }
  const compiled = new Map<OperationId, ReturnType<typeof compile>>();
  function compiledOf(id: OperationId, app: Express): ReturnType<typeof compile> {
    const known = compiled.get(id) ?? compile(id, app);
    compiled.set(id, known);
    return known;
  }

  return {
    async check(id, req, res) {
      const { openapi, checks, checkRequest, checkResponse } = await compiledOf(id, req.app as Express);
      // The body was read as JSON, or there is none. The validator compiles a schema for every spelling of the content type,
      // so it always gets the same one.
      req.headers['content-type'] = 'application/json';
      const { method, originalUrl: url, headers, body } = req;
      const hasQuery = url.includes('?');
      // Not the request itself: Express parses the query at each access, and the validator makes three.
      const seen = { query: hasQuery ? req.query : {}, params: {}, headers, cookies: {}, body };
      // What surrounds these functions in the library takes much longer than they do. It is for query parameters, media types
      // and uploads, and it describes failures.
      if (hasQuery || !checks.every((isValid) => isValid(seen))) {
        await run(id, checkRequest, { method, originalUrl: hasQuery ? url : '', path: '', ...seen, openapi }, res);
      }
      if (checkResponse !== undefined) await run(id, checkResponse, Object.assign(req, { openapi }), res);
    },
    async warmUp(app, ids) {
      for (const id of ids) {
        await setImmediate();
        await compiledOf(id, app);
      }
    },
  };
}
