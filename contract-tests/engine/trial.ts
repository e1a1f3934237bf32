import type { CaseRequest, CaseResponse, Fixture, State } from './case.ts';
import type { ApiResponse } from './check-response.ts';
import type { PartFinding } from './part-names.ts';
import { refuseWrite } from './run.ts';
import { isTimeout, send, sendPatiently } from './send.ts';
import { type Spec, type SpecOperation, specOperations } from './spec.ts';
import { notImplemented, type Target, Unavailable } from './target.ts';
import { responseVerifier } from './verify-response.ts';

/** The target violated the contract; the trial's failures say how. */
export class ContractViolation extends Error {}

/** One request and its response, for the report. */
export interface SentRequest {
  operation: string;
  method: string;
  url: string;
  request: CaseRequest;
  promised: CaseResponse;
  response?: ApiResponse;
}

/** A request that got a response. */
type Answered = SentRequest & { response: ApiResponse };

/** One run of a check on a target: its requests and failures. */
export interface Trial {
  target: Target;
  failures: string[];
  /** Fields and enum values in responses that the contract does not document. */
  warnings: string[];
  sentRequests: SentRequest[];
  /** Whether a response did not come in time. */
  timedOut: boolean;
  /**
   * Creates a state, for one operation or for all.
   *
   * @throws Unavailable if the target cannot
   */
  arrange(state: State, operation?: string): Promise<Fixture>;
  /**
   * Sends a request and validates the response against the expected one and the contract.
   *
   * @throws ContractViolation if it does not match
   */
  call(operation: string, request: CaseRequest, promised: CaseResponse, fixture?: Fixture): Promise<ApiResponse>;
  /** Sends a request and accepts any documented response. Throws ContractViolation otherwise. */
  attempt(operation: string, request: CaseRequest): Promise<ApiResponse>;
  /** Sends a request and returns any response, as it is. Throws ContractViolation if none comes. */
  observe(operation: string, request: CaseRequest): Promise<ApiResponse>;
  /** Sends a request to a method and path without an operation, and validates the response. Throws ContractViolation. */
  callUndocumented(method: string, path: string, promised: CaseResponse): Promise<ApiResponse>;
  /** Sends a request to a method and path without an operation, and returns any response. */
  sendUndocumented(method: string, path: string, request: CaseRequest): Promise<ApiResponse>;
  /** @throws ContractViolation if the condition is false; the report contains `promise` */
  assert(condition: boolean, promise: string): void;
}

/** An operation that the spec does not document; its errors have the same format as all others. */
const undocumented = (method: string, path: string, status = 0): SpecOperation => ({
  operationId: `${method.toUpperCase()} ${path}`,
  method,
  path,
  summary: '',
  description: '',
  security: [],
  responses: { [status]: { $ref: '#/components/responses/UnsupportedMediaType' } },
});

/** What trials need to know of an earlier version of the contract. */
interface EarlierVersion {
  version: string;
  /** The operations that came later. */
  later: readonly string[];
  /** Whether that version understands a request, as far as the present one does. */
  understands(operation: string, body: unknown): boolean;
  /** Whether that version documents the expected response to a request. */
  promises(operation: string, body: unknown, response: CaseResponse): boolean;
}

/** How trials judge and report. */
export interface TrialOptions {
  /** Called with every response. */
  onResponse?: (operation: string, response: ApiResponse) => void;
  /**
   * Whether undocumented fields and enum values in responses, and other sentences of errors, are failures. By default the first are warnings,
   * and the others are not compared.
   */
  strictResponses?: boolean | undefined;
  /** The operations that the target does not have. A check that calls one is skipped. */
  missing?: readonly string[];
  /** The version of the contract that the target claims, if it is an earlier one. A check with a request that came later is skipped. */
  earlier?: EarlierVersion | undefined;
}

/** Gets every part of a judged response that has a check of its own. The operation is `elsewhere` if the path belongs to none. */
export type OnPart = (operation: string, finding: PartFinding, sent: SentRequest) => void;

/** Creates a trial. `steering` are headers of each request. */
export type NewTrial = (target: Target, steering?: Record<string, string>, onPart?: OnPart) => Trial;

/** Creates trials that share the set of request ids, which must be unique across all of them. */
export function createTrialFactory(
  spec: Spec,
  { onResponse = () => {}, strictResponses = false, missing = [], earlier }: TrialOptions = {},
): NewTrial {
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  const nameOfPath = new Map([...operations.values()].map(({ operationId, path }) => [path, operationId]));
  const verify = responseVerifier(spec, strictResponses);

  const find = (operationId: string): SpecOperation => {
    if (earlier?.later.includes(operationId))
      throw new Unavailable(`the contract ${earlier.version} does not have ${operationId}`);
    const found = operations.get(operationId);
    if (found === undefined) throw new Error(`no operation ${operationId} is in the contract`);
    if (missing.includes(operationId)) throw new Unavailable(notImplemented(operationId));
    refuseWrite(operationId);
    return found;
  };

  return (target, steering = {}, onPart = () => {}) => {
    const failures: string[] = [];
    const warnings: string[] = [];
    const sentRequests: SentRequest[] = [];
    let timedOut = false;

    /** @throws ContractViolation if the response is wrong, without its parts that have checks of their own */
    function judge(operation: SpecOperation, promised: CaseResponse, sent: Answered, secrets: string[] = []) {
      const found = verify(operation, promised, sent.response, { isMock: target.isMock, secrets });
      const owner = nameOfPath.get(operation.path) ?? 'elsewhere';
      for (const finding of found.parts) onPart(owner, finding, sent);
      failures.push(...found.failures);
      (strictResponses ? failures : warnings).push(...found.undocumented);
      if (failures.length > 0) throw new ContractViolation();
      return sent.response;
    }

    async function sendRequest(
      operation: SpecOperation,
      request: CaseRequest,
      promised: CaseResponse,
      fixture?: Fixture,
    ): Promise<Answered> {
      const { operationId, method, path } = operation;
      if (earlier?.understands(operationId, request.body) === false) {
        throw new Unavailable(`the contract ${earlier.version} does not have this request to ${operationId}`);
      }
      if (earlier?.promises(operationId, request.body, promised) === false) {
        throw new Unavailable(`the contract ${earlier.version} does not have this response of ${operationId}`);
      }
      const baseUrl = fixture?.baseUrl ?? target.baseUrl;
      const url = baseUrl + path + (request.query ?? '');
      const sent: SentRequest = { operation: operationId, method, url, request, promised };
      sentRequests.push(sent);
      const steered = { ...request, headers: { ...request.headers, ...steering } };
      try {
        sent.response = await (promised.status === 429 ? send : sendPatiently)(baseUrl, operation, steered);
      } catch (error) {
        // Of a request that ran before the body of this one.
        if (error instanceof Unavailable || error instanceof ContractViolation) throw error;
        timedOut = isTimeout(error);
        failures.push(`no response came: ${(error as Error).message}`);
        throw new ContractViolation();
      }
      const { response } = sent;
      onResponse(operation.operationId, response);
      return { ...sent, response };
    }

    return {
      target,
      failures,
      warnings,
      sentRequests,
      get timedOut() {
        return timedOut;
      },
      arrange: (state, operation) => target.arrange(state, operation),
      async call(operationId, request, promised, fixture) {
        const operation = find(operationId);
        const sent = await sendRequest(operation, request, promised, fixture);
        const inRequest = [request.authorization?.split(' ').at(-1), request.cookie].filter(
          (text) => text !== undefined,
        );
        const secrets = target.isMock
          ? []
          : [
              ...inRequest,
              ...(fixture ? [fixture.rootKey, fixture.sessionId, fixture.token, fixture.apiKey ?? ''] : []),
            ];
        return judge(operation, promised, sent, secrets);
      },
      async attempt(operationId, request) {
        const operation = find(operationId);
        const sent = await sendRequest(operation, request, { status: 0 });
        return judge(operation, { status: sent.response.status }, sent);
      },
      observe: async (operationId, request) => (await sendRequest(find(operationId), request, { status: 0 })).response,
      async callUndocumented(method, path, promised) {
        const operation = undocumented(method, path, promised.status);
        const sent = await sendRequest(operation, method === 'get' ? {} : { body: {} }, promised);
        return judge(operation, promised, sent);
      },
      sendUndocumented: async (method, path, request) =>
        (await sendRequest(undocumented(method, path), request, { status: 0 })).response,
      assert(condition, promise) {
        if (condition) return;
        failures.push(`not true: ${promise}`);
        throw new ContractViolation();
      },
    };
  };
}
