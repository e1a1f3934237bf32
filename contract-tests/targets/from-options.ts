import { type ApiResponse, responseChecker } from '../engine/check-response.ts';
import type { EarlierContract } from '../engine/earlier.ts';
import type { ConformanceOptions } from '../engine/options.ts';
import { SuiteError } from '../engine/preflight.ts';
import { type Spec, specOperations } from '../engine/spec.ts';
import type { Target } from '../engine/target.ts';
import { blackBox } from './black-box.ts';

/** Whether a response has what the contract documents for an operation. Its headers and the bounds of its fields do not matter to a state. */
function promisedBy(spec: Spec): (operation: string, response: ApiResponse) => boolean {
  const checkResponse = responseChecker(spec);
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  return (name, response) => {
    const operation = operations.get(name);
    return operation === undefined || checkResponse(operation, response).failures.length === 0;
  };
}

/**
 * The target of a run.
 *
 * @throws SuiteError if an option is missing or wrong
 */
export function targetOf(options: ConformanceOptions, spec: Spec, earlier: EarlierContract | undefined): Target {
  const { target, rootKey, slug, disabledSlug, foreignRootKey, otherApiRootKey, limitedRootKey, openapiUrl } = options;
  if (typeof target !== 'string') return target;
  const url = URL.parse(target);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new SuiteError(`target "${target}" is not an http:// or https:// URL`);
  }
  if (!rootKey) throw new SuiteError('a root key is required');
  if (!slug) throw new SuiteError('the slug of an enabled portal is required');
  const optional = {
    ...(disabledSlug && { disabledSlug }),
    ...(foreignRootKey && { foreignRootKey }),
    ...(otherApiRootKey && { otherApiRootKey }),
    ...(limitedRootKey && { limitedRootKey }),
    ...(openapiUrl && { openapiUrl }),
    ...(earlier && { understands: earlier.understands }),
  };
  const own = { name: target, baseUrl: target.replace(/\/+$/, ''), rootKey, slug, ...optional };
  // A server that claims the pages alone does not claim the format of the contract.
  return blackBox(options.profile === 'seeds' ? own : { ...own, isAsPromised: promisedBy(spec) });
}
