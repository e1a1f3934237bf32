import { expect } from 'expect';
import type { CaseResponse } from './case.ts';
import { type ApiResponse, type ResponseFaults, responseChecker } from './check-response.ts';
import { boundsName, everyHeaderName, headerName, type PartFinding, sentenceName, titlesName } from './part-names.ts';
import { sentences } from './source.ts';
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

/** The sentence of an error, of which a `{parameter}` can have any value. */
function sentenceOf({ template, detail }: SpecError): RegExp {
  const quoted = (template ?? detail).replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${quoted.replaceAll(/\{\w+\}/g, '.+')}$`);
}

const wrong = (holds: boolean, message: string): string | undefined => (holds ? undefined : message);

/** The differences between the response's error and its entry in the catalogue. A sentence that no public page gives may differ. */
function checkError(
  entry: SpecError,
  { error }: ErrorBody,
): Pick<VerifiedResponse, 'failures' | 'undocumented' | 'parts'> {
  const { code, title, status, detail } = entry;
  const isFixed = sentences[code] !== undefined;
  const sentence = wrong(sentenceOf(entry).test(error.detail), `error.detail is "${error.detail}", not "${detail}"`);
  return {
    failures: [
      wrong(error.type.endsWith(`/errors/${code}`), `error.type is ${error.type}, not …/errors/${code}`),
      wrong(error.status === status, `error.status is ${error.status}, not ${status}`),
    ].filter((failure) => failure !== undefined),
    undocumented: isFixed || sentence === undefined ? [] : [sentence],
    parts: [
      { name: titlesName, failure: wrong(error.title === title, `error.title is "${error.title}", not "${title}"`) },
      ...(isFixed ? [{ name: sentenceName(code), failure: sentence }] : []),
    ],
  };
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

/** The media type belongs to the body: without it the body cannot be read. */
const isMediaType = (header: string) => header.toLowerCase() === 'content-type';

/** Whether each header matches, as a failure or undefined. */
const checkHeaders = (headers: Record<string, RegExp>, response: ApiResponse): [name: string, failure?: string][] =>
  Object.entries(headers).map(([name, pattern]) => {
    const value = [response.headers[name.toLowerCase()] ?? []].flat().join(', ');
    return [name, wrong(pattern.test(value), `header ${name} does not match ${pattern}`)] as [string, string?];
  });

function checkSecrets(secrets: string[], response: ApiResponse): string[] {
  const text = JSON.stringify([response.body, response.headers]);
  return secrets.some((secret) => secret.length > 8 && text.includes(secret))
    ? ['the response contains a credential']
    : [];
}

/** What a response keeps and breaks. */
interface VerifiedResponse {
  /** One message per broken promise, without those of parts. */
  failures: string[];
  /** What the contract allows but does not document. */
  undocumented: string[];
  /** The parts that have checks of their own. */
  parts: PartFinding[];
}

/** Compares a response with the expected one and with the contract. */
type VerifyResponse = (
  operation: SpecOperation,
  promised: CaseResponse,
  response: ApiResponse,
  context: VerifyContext,
) => VerifiedResponse;

/**
 * Creates a verifier. It remembers all request ids, to report duplicates.
 *
 * @param strict whether other sentences of errors than those of the catalogue are undocumented, and whether every invalid field needs a `fix`
 */
export function responseVerifier(spec: Spec, strict: boolean): VerifyResponse {
  const catalogue = new Map(specErrors(spec).map((entry) => [entry.code, entry]));
  const checkResponse = responseChecker(spec);
  const everyHeader = new Set(Object.keys(spec['x-response-headers']));
  const seenRequestIds = new Set<string>();

  /** The parts of every response, expected or not. */
  function partsOf({ status }: ApiResponse, { headers, bounds }: ResponseFaults): PartFinding[] {
    const ofHeaders = [...headers].map(([name, [failure]]) => ({
      name: everyHeader.has(name) ? everyHeaderName(name) : headerName(status, name),
      failure,
    }));
    if (bounds === undefined) return ofHeaders;
    // Every item of a list can break the same bound.
    const broken = [...new Set(bounds.map((bound) => bound.replaceAll(/\/\d+(?=[/ ])/g, '/*')))].join('; ');
    return [...ofHeaders, { name: boundsName(status), failure: broken || undefined }];
  }

  return (operation, promised, response, { isMock, secrets }) => {
    const isExpected = response.status === promised.status;
    const faults = checkResponse(operation, response);
    const failures = isExpected ? [] : [`status is ${response.status}, not ${promised.status}`];
    failures.push(...faults.failures, ...checkSecrets(secrets, response));
    const parts = partsOf(response, faults);
    const result = { failures, undocumented: [...faults.undocumented], parts };
    const { locations, data, pagination, headers = {} } = promised;
    for (const [name, failure] of isExpected && !isMock ? checkHeaders(headers, response) : []) {
      if (!isMediaType(name)) parts.push({ name: headerName(promised.status, name), failure });
      else if (failure !== undefined) failures.push(failure);
    }
    // The checks below read the body and rely on its schema.
    if (failures.length > 0) return result;
    // A body that is not JSON, or none, has no envelope.
    if (typeof response.body !== 'object') return result;

    const { requestId } = (response.body as { meta: { requestId: string } }).meta;
    if (!isMock && seenRequestIds.has(requestId)) failures.push(`meta.requestId ${requestId} is not unique`);
    seenRequestIds.add(requestId);

    if (promised.error !== undefined) {
      const entry = catalogue.get(promised.error);
      if (entry === undefined) throw new Error(`no error ${promised.error} is in the catalogue`);
      const found = checkError(entry, response.body as ErrorBody);
      failures.push(...found.failures);
      parts.push(...found.parts);
      if (strict) result.undocumented.push(...found.undocumented);
    }
    if (isMock) return result;
    if (locations !== undefined) failures.push(...checkLocations(locations, response.body as ErrorBody, strict));
    if (data !== undefined) failures.push(...checkPart('data', data, response));
    if (pagination !== undefined) failures.push(...checkPart('pagination', pagination, response));
    return result;
  };
}
