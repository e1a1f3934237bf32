import { expect } from 'expect';
import type { CaseAnswer } from './case.ts';
import { type Answer, responseChecker } from './check-response.ts';
import { type Spec, type SpecError, type SpecOperation, specErrors } from './spec.ts';

/** What an answer is held against beside its own promise. */
interface VerifyContext {
  /** A mock answers with the contract's examples: what they say of this request means nothing. */
  isMock: boolean;
  /** Credentials that the request or the state held; no answer may repeat one. */
  secrets: string[];
}

interface ErrorBody {
  error: { title: string; detail: string; status: number; type: string; errors?: { location: string }[] };
}

/** How the answer's error differs from its entry in the catalogue. */
function checkError(entry: SpecError, { error }: ErrorBody): string[] {
  // A {parameter} in the detail may be anything; the rest of it is the contract.
  const quoted = (entry.template ?? entry.detail).replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  const detail = new RegExp(`^${quoted.replaceAll(/\{\w+\}/g, '.+')}$`);
  const wrong = (holds: boolean, message: string) => (holds ? [] : [message]);
  return [
    ...wrong(error.type.endsWith(`/errors/${entry.code}`), `error.type is ${error.type}, not …/errors/${entry.code}`),
    ...wrong(error.title === entry.title, `error.title is "${error.title}", not "${entry.title}"`),
    ...wrong(detail.test(error.detail), `error.detail is "${error.detail}", not "${entry.detail}"`),
    ...wrong(error.status === entry.status, `error.status is ${error.status}, not ${entry.status}`),
  ];
}

function checkLocations(locations: string[], { error }: ErrorBody): string[] {
  const named = (error.errors ?? []).map(({ location }) => location);
  return locations
    .filter((location) => !named.includes(location))
    .map((location) => `error.errors does not name ${location}, only ${named.join(', ') || 'nothing'}`);
}

function checkData(data: NonNullable<CaseAnswer['data']>, answer: Answer): string[] {
  try {
    expect((answer.body as { data?: unknown }).data).toMatchObject(data);
    return [];
  } catch (error) {
    return [`data is not as promised: ${(error as Error).message}`];
  }
}

function checkHeaders(headers: Record<string, RegExp>, answer: Answer): string[] {
  return Object.entries(headers).flatMap(([name, pattern]) => {
    const value = [answer.headers[name.toLowerCase()] ?? ''].flat().join(', ');
    return pattern.test(value) ? [] : [`header ${name} does not match ${pattern}`];
  });
}

function checkSecrets(secrets: string[], answer: Answer): string[] {
  const text = JSON.stringify([answer.body, answer.headers]);
  return secrets.some((secret) => secret.length > 8 && text.includes(secret))
    ? ['the answer repeats a credential']
    : [];
}

/**
 * Says in which ways an answer breaks what was promised of it, and what the contract says of every answer.
 * Remembers request ids for as long as it lives, to see that none comes twice.
 */
export type VerifyAnswer = (
  operation: SpecOperation,
  promised: CaseAnswer,
  answer: Answer,
  context: VerifyContext,
) => string[];

export function answerVerifier(spec: Spec): VerifyAnswer {
  const catalogue = new Map(specErrors(spec).map((entry) => [entry.code, entry]));
  const checkResponse = responseChecker(spec);
  const seenRequestIds = new Set<string>();

  return (operation, promised, answer, { isMock, secrets }) => {
    const failures = answer.status === promised.status ? [] : [`status is ${answer.status}, not ${promised.status}`];
    failures.push(...checkResponse(operation, answer), ...checkSecrets(secrets, answer));
    // What comes below reads the body, and trusts its form.
    if (failures.length > 0) return failures;
    const { locations, data, headers } = promised;
    if (!isMock && headers !== undefined) failures.push(...checkHeaders(headers, answer));
    // What is not JSON has no envelope.
    if (typeof answer.body === 'string') return failures;

    const { requestId } = (answer.body as { meta: { requestId: string } }).meta;
    if (!isMock && seenRequestIds.has(requestId)) failures.push(`meta.requestId ${requestId} came before`);
    seenRequestIds.add(requestId);

    if (promised.error !== undefined) {
      const entry = catalogue.get(promised.error);
      if (entry === undefined) throw new Error(`no error ${promised.error} is in the catalogue`);
      failures.push(...checkError(entry, answer.body as ErrorBody));
    }
    if (isMock) return failures;
    if (locations !== undefined) failures.push(...checkLocations(locations, answer.body as ErrorBody));
    if (data !== undefined) failures.push(...checkData(data, answer));
    return failures;
  };
}
