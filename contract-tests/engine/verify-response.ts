import { expect } from 'expect';
import type { CaseResponse } from './case.ts';
import { type ApiResponse, type ResponseFaults, responseChecker } from './check-response.ts';
import { type Spec, type SpecError, type SpecOperation, specErrors } from './spec.ts';

/** What the verifier knows beside the expected response. */
interface VerifyContext {
  /** Whether the target is a mock, whose examples do not depend on the request. */
  isMock: boolean;
  /** Credentials of the request or the state; no response may contain one. */
  secrets: string[];
}

interface ErrorBody {
  error: { title: string; detail: string; status: number; type: string; errors?: { location: string; fix?: string }[] };
}

/** The errors whose sentence the public pages give. The sentences of all others are for people and may change. */
const fixedDetails = [
  'unkey/authentication/portal_session_not_found',
  'unkey/authentication/portal_token_missing',
  'unkey/authorization/forbidden',
  'unkey/data/portal_config_not_found',
];

/**
 * The differences between the response's error and its entry in the catalogue.
 *
 * @param strict whether to compare every sentence
 */
function checkError(entry: SpecError, { error }: ErrorBody, strict: boolean): string[] {
  // A {parameter} in the detail can have any value; the other text must match.
  const quoted = (entry.template ?? entry.detail).replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  const detail = new RegExp(`^${quoted.replaceAll(/\{\w+\}/g, '.+')}$`);
  const wrong = (holds: boolean, message: string) => (holds ? [] : [message]);
  return [
    ...wrong(error.type.endsWith(`/errors/${entry.code}`), `error.type is ${error.type}, not …/errors/${entry.code}`),
    ...wrong(error.title === entry.title, `error.title is "${error.title}", not "${entry.title}"`),
    ...wrong(
      detail.test(error.detail) || !(strict || fixedDetails.includes(entry.code)),
      `error.detail is "${error.detail}", not "${entry.detail}"`,
    ),
    ...wrong(error.status === entry.status, `error.status is ${error.status}, not ${entry.status}`),
  ];
}

/**
 * The locations that an error does not name.
 *
 * @param strict whether each needs a `fix`: the catalogue says that `errors` has one, and the schema does not require it
 */
function checkLocations(locations: string[], { error }: ErrorBody, strict: boolean): string[] {
  const named = new Map((error.errors ?? []).map((failure) => [failure.location, failure]));
  return locations.flatMap((location) => {
    const failure = named.get(location);
    if (failure === undefined)
      return [`error.errors does not name ${location}, only ${[...named.keys()].join(', ') || 'nothing'}`];
    return strict && failure.fix === undefined ? [`error.errors does not say how to fix ${location}`] : [];
  });
}

function checkPart(part: 'data' | 'pagination', promised: object, response: ApiResponse): string[] {
  try {
    expect((response.body as Record<string, unknown>)[part]).toMatchObject(promised);
    return [];
  } catch (error) {
    return [`${part} is not as promised: ${(error as Error).message}`];
  }
}

function checkHeaders(headers: Record<string, RegExp>, response: ApiResponse): string[] {
  return Object.entries(headers).flatMap(([name, pattern]) => {
    const value = [response.headers[name.toLowerCase()] ?? ''].flat().join(', ');
    return pattern.test(value) ? [] : [`header ${name} does not match ${pattern}`];
  });
}

function checkSecrets(secrets: string[], response: ApiResponse): string[] {
  const text = JSON.stringify([response.body, response.headers]);
  return secrets.some((secret) => secret.length > 8 && text.includes(secret))
    ? ['the response contains a credential']
    : [];
}

/**
 * Compares a response with the expected one and with the contract. `undocumented` is what the contract allows but does not
 * document.
 */
export type VerifyResponse = (
  operation: SpecOperation,
  promised: CaseResponse,
  response: ApiResponse,
  context: VerifyContext,
) => ResponseFaults;

/**
 * Creates a verifier. It remembers all request ids, to report duplicates.
 *
 * @param strict whether the sentence of every error must be that of the catalogue, and whether every invalid field needs a `fix`
 */
export function responseVerifier(spec: Spec, strict: boolean): VerifyResponse {
  const catalogue = new Map(specErrors(spec).map((entry) => [entry.code, entry]));
  const checkResponse = responseChecker(spec);
  const seenRequestIds = new Set<string>();

  return (operation, promised, response, { isMock, secrets }) => {
    const failures =
      response.status === promised.status ? [] : [`status is ${response.status}, not ${promised.status}`];
    const faults = checkResponse(operation, response);
    failures.push(...faults.failures, ...checkSecrets(secrets, response));
    const result = { failures, undocumented: faults.undocumented };
    // The checks below read the body and rely on its schema.
    if (failures.length > 0) return result;
    const { locations, data, pagination, headers } = promised;
    if (!isMock && headers !== undefined) failures.push(...checkHeaders(headers, response));
    // A body that is not JSON, or none, has no envelope.
    if (typeof response.body !== 'object') return result;

    const { requestId } = (response.body as { meta: { requestId: string } }).meta;
    if (!isMock && seenRequestIds.has(requestId)) failures.push(`meta.requestId ${requestId} is not unique`);
    seenRequestIds.add(requestId);

    if (promised.error !== undefined) {
      const entry = catalogue.get(promised.error);
      if (entry === undefined) throw new Error(`no error ${promised.error} is in the catalogue`);
      failures.push(...checkError(entry, response.body as ErrorBody, strict));
    }
    if (isMock) return result;
    if (locations !== undefined) failures.push(...checkLocations(locations, response.body as ErrorBody, strict));
    if (data !== undefined) failures.push(...checkPart('data', data, response));
    if (pagination !== undefined) failures.push(...checkPart('pagination', pagination, response));
    return result;
  };
}
