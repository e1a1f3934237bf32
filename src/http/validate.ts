import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Express, NextFunction, Request, RequestHandler, Response } from 'express';
import { middleware, error as validatorErrors } from 'express-openapi-validator';
import { type OperationId, operations } from '../../generated/operations.ts';
import { invalidInput, type ValidationFailure } from '../problem.ts';
import { redact, redactMadeUp } from '../redact.ts';
import { root } from '../root.ts';

/** One failure as the validator words it; `errorCode` is the JSON Schema keyword and a suffix. */
interface RawFailure {
  path: string;
  message: string;
  errorCode?: string;
}

/** `/body/permissions/0` → `body.permissions[0]` */
function locationOf(path: string): string {
  const [first = 'body', ...rest] = path.split('/').filter((part) => part !== '');
  return first + rest.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join('');
}

const fixes: Record<string, (location: string) => string> = {
  required: (location) => (location === 'body' ? 'Send a JSON object as the body.' : `Add ${location}.`),
  additionalProperties: (location) => `Leave out ${location}: the operation does not know it.`,
  type: (location) => `Send ${location} with the type that the message names.`,
  enum: (location) => `Send one of the values that the documentation lists for ${location}.`,
  pattern: (location) => `Send ${location} in the form that the message shows.`,
  minLength: (location) => `Send a longer ${location}.`,
  maxLength: (location) => `Send a shorter ${location}.`,
  minItems: (location) => `Send more items in ${location}.`,
  maxItems: (location) => `Send fewer items in ${location}.`,
};

/** Never repeats a value, and of a name only so much as helps to find it. */
function failureOf({ path, message, errorCode }: RawFailure): ValidationFailure {
  // The one failure without a keyword is a query parameter that the operation does not know.
  const keyword = errorCode?.split('.')[0] ?? 'additionalProperties';
  const location = redactMadeUp(locationOf(path)).slice(0, 256);
  const fix = fixes[keyword]?.(location);
  return { location, message: redact(message).slice(0, 512), ...(fix !== undefined && { fix }) };
}

function toProblem(error: unknown): unknown {
  if (!(error instanceof validatorErrors.BadRequest)) return error;
  return invalidInput(...(error.errors as RawFailure[]).map(failureOf));
}

/** Checks requests, and where asked responses too, against the contract. */
export interface ContractValidator {
  handler: RequestHandler;
  /**
   * Compiles the schemas of operations now instead of at their first request. What waits in between gets its turn.
   *
   * @throws where the contract is broken
   */
  warmUp(app: Express, ids: OperationId[]): Promise<void>;
}

/** The only user of express-openapi-validator; its own security is off, `authenticate` stands before it. */
export function contractValidator({ validateResponses }: { validateResponses: boolean }): ContractValidator {
  const chain = middleware({
    // The validator changes what it is given, so it gets a copy of its own. That it is well-formed OpenAPI is seen to by
    // linters before it is committed.
    apiSpec: JSON.parse(readFileSync(join(root, 'generated/contract.json'), 'utf8')),
    validateApiSpec: false,
    validateRequests: { allErrors: true },
    validateResponses,
    validateSecurity: false,
    fileUploader: false,
  });

  const run = (req: Request, res: Response, next: NextFunction, step = 0): void => {
    const handler = chain[step];
    if (handler === undefined) next();
    else handler(req, res, (error?: unknown) => (error ? next(toProblem(error)) : run(req, res, next, step + 1)));
  };

  return {
    handler(req, res, next) {
      // The body has been read as JSON, or there is none. The validator keeps a compiled schema for every content type
      // it meets, so it is shown one spelling alone.
      req.headers['content-type'] = 'application/json';
      run(req, res, next);
    },
    async warmUp(app, ids) {
      for (const { method, path } of ids.map((id) => operations[id])) {
        await setImmediate();
        const req = Object.assign(Object.create(app.request), {
          ...{
            method: method.toUpperCase(),
            url: path,
            originalUrl: path,
            baseUrl: '',
            headers: {},
            cookies: {},
            body: {},
          },
        }) as Request;
        const error = await new Promise<unknown>((resolve) => this.handler(req, Object.create(app.response), resolve));
        if (error && (error as { status?: number }).status !== 400) throw error;
      }
    },
  };
}
