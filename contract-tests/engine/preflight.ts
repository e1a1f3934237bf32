/** What the suite asks the target before the checks, to tell a broken target from wrong options. */
import type { CaseRequest } from './case.ts';
import type { ApiResponse } from './check-response.ts';
import { mapConcurrently } from './pool.ts';
import { isReading } from './run.ts';
import { send } from './send.ts';
import { type Spec, specOperations } from './spec.ts';
import type { Target } from './target.ts';

/** The suite could not run: wrong options, or a target that does not respond. It says nothing about conformance. */
export class SuiteError extends Error {}

/** The response to a request, or undefined if it is damaged. Throws if nothing at the address speaks HTTP. */
async function responseOf(
  baseUrl: string,
  operation: { method: string; path: string },
  request: CaseRequest,
): Promise<ApiResponse | undefined> {
  try {
    return await send(baseUrl, operation, request);
  } catch (error) {
    const speaksHttp = await fetch(baseUrl, { redirect: 'manual', signal: AbortSignal.timeout(10_000) }).then(
      () => true,
      () => false,
    );
    if (!speaksHttp) throw new SuiteError(`no response from ${baseUrl}: ${(error as Error).message}`);
    return undefined;
  }
}

/** What a server without the operation returns to a request without a credential. With the operation, it returns 400 or 401. */
const withoutOperation = [404, 405, 501];

/**
 * Returns the operations that the target does not have.
 *
 * @throws SuiteError if it has none: this is another server, or the path is wrong
 */
export async function missingOperations(
  { baseUrl, isMock }: Target,
  spec: Spec,
  { readOnly }: { readOnly: boolean },
): Promise<string[]> {
  if (isMock) return [];
  const operations = specOperations(spec);
  const responses: (ApiResponse | undefined)[] = [];
  const found = await mapConcurrently(operations, 8, async ({ operationId, method, path }) => {
    // GET changes nothing anywhere, and gets 405 where only POST is there.
    const isSafe = method === 'get' || (readOnly && !isReading(operationId));
    const response = await responseOf(baseUrl, { method: isSafe ? 'get' : method, path }, isSafe ? {} : { body: {} });
    responses.push(response);
    return (
      response === undefined ||
      !withoutOperation.includes(response.status) ||
      (isSafe && method !== 'get' && response.status === 405)
    );
  });
  if (responses.every((response) => response !== undefined && response.status >= 300 && response.status < 400)) {
    throw new SuiteError(`${baseUrl} redirects every request: use the address that it redirects to`);
  }
  if (responses.every((response) => /^text\/html\b/.test(String(response?.headers['content-type'])))) {
    throw new SuiteError(`${baseUrl} returns a page for every request: check the address and its path`);
  }
  const missing = operations.filter((_, i) => !found[i]).map(({ operationId }) => operationId);
  if (missing.length === operations.length) {
    throw new SuiteError(`${baseUrl} has no operation of the contract: check the address and its path`);
  }
  return missing;
}

/** The credentials of a run. */
interface Credentials {
  rootKey?: string;
  slug?: string;
  limitedRootKey?: string | undefined;
  otherApiRootKey?: string | undefined;
  readOnly?: boolean | undefined;
}

/**
 * Checks that the server knows the root keys and the slug. With wrong ones every check would fail although the server works. A root key of
 * another workspace has no answer that all servers give, so it is not asked for.
 *
 * @throws SuiteError
 */
export async function preflight(
  { baseUrl, isMock }: Target,
  credentials: Credentials,
  missing: readonly string[],
): Promise<void> {
  const { rootKey, slug, limitedRootKey, otherApiRootKey, readOnly } = credentials;
  if (isMock || !rootKey) return;
  const [operation, body] = readOnly
    ? ['portal.getConfiguration', { portal: slug }]
    : ['portal.createSession', { slug, externalId: 'conformance', permissions: ['api.*.read_key'] }];
  if (missing.includes(operation)) return;
  const statusOf = async (key: string) => {
    const request = { authorization: `Bearer ${key}`, body };
    return (await responseOf(baseUrl, { method: 'post', path: `/v2/${operation}` }, request))?.status ?? 0;
  };
  const reason = {
    401: 'the target does not know the root key',
    403: `the target refuses the root key, or the portal "${slug}" is disabled`,
    404: `the root key's workspace has no portal "${slug}"`,
  }[await statusOf(rootKey)];
  if (reason !== undefined) throw new SuiteError(reason);
  for (const [name, key] of Object.entries({ limited: limitedRootKey, 'other API': otherApiRootKey })) {
    if (key && (await statusOf(key)) === 401) throw new SuiteError(`the target does not know the ${name} root key`);
  }
}
