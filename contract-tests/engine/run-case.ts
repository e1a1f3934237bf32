import { expect } from 'expect';
import type { Case, CaseAnswer, CaseRequest, Facts } from './case.ts';
import { type Answer, responseChecker } from './check-response.ts';
import { send } from './send.ts';
import { type Spec, type SpecError, type SpecOperation, specErrors, specOperations } from './spec.ts';
import type { Target } from './target.ts';

/** What became of a case: every way in which the answer broke the contract, and what was sent and came back. */
interface CaseResult {
  failures: string[];
  request: CaseRequest;
  answer: Answer;
}

/** Runs cases against targets. */
export interface CaseRunner {
  /**
   * @throws Unavailable where the target cannot be brought into the state
   * @throws Error where no answer comes
   */
  run(row: Case, target: Target): Promise<CaseResult>;
}

interface ErrorBody {
  error: { title: string; detail: string; status: number; type: string; errors?: { location: string }[] };
}

/** How the answer's error differs from its entry in the catalogue. */
function checkError(entry: SpecError, { error }: ErrorBody): string[] {
  // A {parameter} in the detail may be anything; the rest of it is the contract.
  const quoted = (entry.template ?? entry.detail).replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&');
  const detail = new RegExp(`^${quoted.replaceAll(/\{\w+\}/g, '.+')}$`);
  return [
    ...(error.type.endsWith(`/errors/${entry.code}`)
      ? []
      : [`error.type is ${error.type}, not …/errors/${entry.code}`]),
    ...(error.title === entry.title ? [] : [`error.title is "${error.title}", not "${entry.title}"`]),
    ...(detail.test(error.detail) ? [] : [`error.detail is "${error.detail}", not "${entry.detail}"`]),
    ...(error.status === entry.status ? [] : [`error.status is ${error.status}, not ${entry.status}`]),
  ];
}

function checkLocations(locations: string[], { error }: ErrorBody): string[] {
  const named = (error.errors ?? []).map(({ location }) => location);
  return locations
    .filter((location) => !named.includes(location))
    .map((location) => `error.errors does not name ${location}, only ${named.join(', ')}`);
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

/** No failure may repeat a credential that the request or the state held. */
function checkSecrets(facts: Facts, request: CaseRequest, answer: Answer): string[] {
  const secrets = [facts.rootKey, facts.sessionId, facts.token, request.cookie ?? ''].filter((text) => text.length > 8);
  const text = JSON.stringify([answer.body, answer.headers]);
  return secrets.some((secret) => text.includes(secret)) ? ['the answer repeats a credential'] : [];
}

/** A runner for the cases of this contract. Remembers request ids, to see that none comes twice. */
export function caseRunner(spec: Spec): CaseRunner {
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  const catalogue = new Map(specErrors(spec).map((entry) => [entry.code, entry]));
  const checkResponse = responseChecker(spec);
  const seenRequestIds = new Set<string>();

  function check(operation: SpecOperation, promised: CaseAnswer, answer: Answer, isMock: boolean): string[] {
    const failures = answer.status === promised.status ? [] : [`status is ${answer.status}, not ${promised.status}`];
    failures.push(...checkResponse(operation, answer));
    if (failures.length > 0) return failures;

    const { requestId } = (answer.body as { meta: { requestId: string } }).meta;
    if (!isMock && seenRequestIds.has(requestId)) failures.push(`meta.requestId ${requestId} came before`);
    seenRequestIds.add(requestId);

    if (promised.error !== undefined) {
      const entry = catalogue.get(promised.error);
      if (entry === undefined) throw new Error(`no error ${promised.error} is in the catalogue`);
      failures.push(...checkError(entry, answer.body as ErrorBody));
    }
    // A mock answers with the contract's examples, which know nothing of this request.
    if (isMock) return failures;
    if (promised.locations !== undefined)
      failures.push(...checkLocations(promised.locations, answer.body as ErrorBody));
    if (promised.data !== undefined) failures.push(...checkData(promised.data, answer));
    if (promised.headers !== undefined) failures.push(...checkHeaders(promised.headers, answer));
    return failures;
  }

  return {
    async run(row, target) {
      const operation = operations.get(row.operation);
      if (operation === undefined) throw new Error(`no operation ${row.operation} is in the contract`);
      const facts = await target.arrange(row.given);
      const request = row.request(facts);
      const steered = { ...request, headers: { ...request.headers, ...target.steer?.(row) } };
      const answer = await send(facts.baseUrl ?? target.baseUrl, operation, steered);
      const failures = check(operation, row.answer, answer, target.isMock);
      if (!target.isMock) failures.push(...checkSecrets(facts, request, answer));
      return { failures, request, answer };
    },
  };
}
