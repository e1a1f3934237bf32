import type { CaseAnswer, CaseRequest, Facts, State } from './case.ts';
import type { Answer } from './check-response.ts';
import { send } from './send.ts';
import { type Spec, type SpecOperation, specOperations } from './spec.ts';
import type { Target } from './target.ts';
import { answerVerifier } from './verify-response.ts';

/** The target broke a promise; the trial's failures say which. */
export class Broken extends Error {}

/** One request and its answer, as the report shows them. */
export interface Exchange {
  operation: string;
  request: CaseRequest;
  promised: CaseAnswer;
  answer?: Answer;
}

/** One check being run on one target: what it did, and in which ways the target failed it. */
export interface Trial {
  target: Target;
  failures: string[];
  exchanges: Exchange[];
  /** @throws Unavailable where the target cannot be brought into the state */
  arrange(state: State): Promise<Facts>;
  /**
   * Sends a request and holds the answer against its promise and the contract.
   *
   * @throws Broken where it does not hold
   */
  call(operation: string, request: CaseRequest, promised: CaseAnswer, facts?: Facts): Promise<Answer>;
  /** Sends a request of which any documented answer will do, and returns it. */
  attempt(operation: string, request: CaseRequest): Promise<Answer>;
  /** Sends a request to where no operation is, and holds the answer against its promise. Throws Broken. */
  elsewhere(method: string, path: string, promised: CaseAnswer): Promise<Answer>;
  /** @throws Broken where it does not hold */
  holds(condition: boolean, promise: string): void;
}

const nowhere = { summary: '', description: '', security: [] };

/** Makes trials that share what must be unique over all of them; `onAnswer` is told of every answer. */
export function trialMaker(
  spec: Spec,
  onAnswer: (operation: string, answer: Answer) => void = () => {},
): (target: Target, steering?: Record<string, string>) => Trial {
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  const verify = answerVerifier(spec);

  const find = (operationId: string): SpecOperation => {
    const found = operations.get(operationId);
    if (found === undefined) throw new Error(`no operation ${operationId} is in the contract`);
    return found;
  };

  return (target, steering = {}) => {
    const failures: string[] = [];
    const exchanges: Exchange[] = [];

    async function exchange(operation: SpecOperation, request: CaseRequest, promised: CaseAnswer, facts?: Facts) {
      const shown: Exchange = { operation: operation.operationId, request, promised };
      exchanges.push(shown);
      const steered = { ...request, headers: { ...request.headers, ...steering } };
      try {
        shown.answer = await send(facts?.baseUrl ?? target.baseUrl, operation, steered);
      } catch (error) {
        failures.push(`no answer came: ${(error as Error).message}`);
        throw new Broken();
      }
      onAnswer(operation.operationId, shown.answer);
      return shown.answer;
    }

    return {
      target,
      failures,
      exchanges,
      arrange: (state) => target.arrange(state),
      async call(operationId, request, promised, facts) {
        const operation = find(operationId);
        const answer = await exchange(operation, request, promised, facts);
        const inRequest = [request.authorization?.split(' ').at(-1), request.cookie].filter(
          (text) => text !== undefined,
        );
        const secrets = target.isMock
          ? []
          : [...inRequest, ...(facts ? [facts.rootKey, facts.sessionId, facts.token, facts.apiKey ?? ''] : [])];
        failures.push(...verify(operation, promised, answer, { isMock: target.isMock, secrets }));
        if (failures.length > 0) throw new Broken();
        return answer;
      },
      async attempt(operationId, request) {
        const operation = find(operationId);
        const answer = await exchange(operation, request, { status: 0 });
        failures.push(...verify(operation, { status: answer.status }, answer, { isMock: target.isMock, secrets: [] }));
        if (failures.length > 0) throw new Broken();
        return answer;
      },
      async elsewhere(method, path, promised) {
        // Nothing documents this place; its failures have the form of every other.
        const $ref = '#/components/responses/UnsupportedMediaType';
        const responses = { [promised.status]: { $ref } };
        const place: SpecOperation = {
          ...nowhere,
          operationId: `${method.toUpperCase()} ${path}`,
          method,
          path,
          responses,
        };
        const answer = await exchange(place, method === 'get' ? {} : { body: {} }, promised);
        failures.push(...verify(place, promised, answer, { isMock: target.isMock, secrets: [] }));
        if (failures.length > 0) throw new Broken();
        return answer;
      },
      holds(condition, promise) {
        if (condition) return;
        failures.push(`not so: ${promise}`);
        throw new Broken();
      },
    };
  };
}
