/**
 * Records a flow as the steps of an Arazzo workflow, without a server: each call gets the example of its response, with a value of its
 * own in each field. Where such a value comes back in a later request, the request has it from that response.
 */
import type { CaseRequest, CaseResponse, Fixture, State } from '../engine/case.ts';
import type { Flow } from '../engine/check.ts';
import type { ApiResponse } from '../engine/check-response.ts';
import { cookieHeader } from '../engine/send.ts';
import { resolve, type Spec, type SpecOperation, specErrors, specOperations } from '../engine/spec.ts';
import { emptyFixture, Unavailable } from '../engine/target.ts';
import type { Trial } from '../engine/trial.ts';
import { keyStates } from '../targets/key-states.ts';

/** A condition of an Arazzo step. */
interface Criterion {
  condition: string;
  context?: string;
  type?: 'regex';
}

/** A step of an Arazzo workflow. */
export interface Step {
  stepId: string;
  /** The operation by its place in the contract. Redocly takes a dot in an operationId for the end of the name of a source. */
  operationPath: string;
  parameters?: { name: string; in: 'header'; value: string }[];
  requestBody?: { contentType: 'application/json'; payload: unknown };
  successCriteria: Criterion[];
  outputs?: Record<string, string>;
}

/** A recorded flow. */
interface Recorded {
  steps: Step[];
  /** The inputs that its requests have. */
  inputs: string[];
}

/** The flow does what no step of Arazzo can do; the message says what. */
class NotExpressible extends Error {}

/** The name of the contract in the document. */
export const sourceName = 'portico';

/** Where a value of a response is. */
interface Origin {
  step: Step;
  /** JSON pointer in the body. */
  pointer: string;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Numbers from here on stand for those of responses. No time and no limit is as large. */
const firstNumber = 8_000_000_000_000;

/** The name of an input with a time: minutes before or after the start of the run. */
function timeInput(time: number): string {
  const minutes = Math.round((time - Date.now()) / 60_000);
  return minutes < 0 ? `minutesAgo${-minutes}` : `minutesAhead${minutes}`;
}

/** The ids that flows make, numbered: each of a run has a name of its own. */
export class MadeIds {
  readonly #numbers = new Map<string, number>();
  numberOf(id: string): number {
    const number = this.#numbers.get(id) ?? this.#numbers.size + 1;
    this.#numbers.set(id, number);
    return number;
  }
}

/** The values that stand for something else, and their expressions. */
class Values {
  readonly inputs = new Set<string>();
  readonly #origins = new Map<string | number, Origin>();
  readonly #ids: MadeIds;
  #count = 0;

  constructor(ids: MadeIds) {
    this.#ids = ids;
  }

  /** The example with a value of its own in each field. */
  replaced(value: unknown, step: Step, pointer = ''): unknown {
    if (Array.isArray(value)) return value.map((item, i) => this.replaced(item, step, `${pointer}/${i}`));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, item]) => [name, this.replaced(item, step, `${pointer}/${name}`)]),
      );
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    const own = typeof value === 'string' ? `${value}Value${++this.#count}End` : firstNumber + ++this.#count;
    this.#origins.set(own, { step, pointer });
    return own;
  }

  /** An input of the workflow. */
  input(name: string): string {
    return `Input${name}End`;
  }

  #expression(origin: Origin): string {
    const { step, pointer } = origin;
    const [, ...path] = pointer.split('/');
    const name = path.filter((part) => part !== 'data').join('_');
    step.outputs = { ...step.outputs, [name]: `$response.body#${pointer}` };
    return `$steps.${step.stepId}.outputs.${name}`;
  }

  #inputExpression(name: string): string {
    this.inputs.add(name);
    return `$inputs.${name}`;
  }

  /** A text of a request, with expressions for what it has from elsewhere. */
  #text(text: string): string {
    const parts: [value: string, expression: () => string][] = [
      ...[...this.#origins].flatMap(([value, origin]) =>
        typeof value === 'string' ? [[value, () => this.#expression(origin)] as [string, () => string]] : [],
      ),
      ...['rootKey', 'slug'].map((name): [string, () => string] => [
        this.input(name),
        () => this.#inputExpression(name),
      ]),
    ];
    const whole = parts.find(([value]) => value === text);
    if (whole !== undefined) return whole[1]();
    const embedded = parts
      .filter(([value]) => text.includes(value))
      .reduce((rest, [value, expression]) => rest.replaceAll(value, `{${expression()}}`), text);
    // A value of one run of the flow, which must be another one in the next run.
    return embedded.replaceAll(uuid, (id) => `{${this.#inputExpression('run')}}-${this.#ids.numberOf(id)}`);
  }

  /** A value of a request, with expressions for what it has from elsewhere. */
  expressed(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') {
      const origin = this.#origins.get(value);
      if (origin !== undefined) return this.#expression(origin);
      if (value > firstNumber / 2 && value < firstNumber * 2) throw new NotExpressible('it computes with a number');
      if (Math.abs(value - Date.now()) < 1e10) return this.#inputExpression(timeInput(value));
      return value;
    }
    if (Array.isArray(value)) return value.map((item) => this.expressed(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.expressed(item)]));
  }
}

const isPlain = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

/** What a response must be, as conditions. Its schema is that of the contract, which every runner checks. */
function criteriaOf({ status, error, data, headers, locations }: CaseResponse): Criterion[] {
  if (headers !== undefined || locations !== undefined) throw new NotExpressible('it compares headers or locations');
  return [
    { condition: `$statusCode == ${status}` },
    ...(error === undefined
      ? []
      : [{ context: '$response.body#/error/type', condition: `${error}$`, type: 'regex' as const }]),
    ...Object.entries(data ?? {})
      .filter(([, value]) => isPlain(value))
      .map(([name, value]) => ({
        condition: `$response.body#/data/${name} == ${typeof value === 'string' ? `'${value}'` : value}`,
      })),
  ];
}

/**
 * Returns a function that records a flow. The ids of its steps begin with that of the workflow: the linter of Redocly looks for them in the
 * whole document.
 *
 * @param ids numbers the ids of all flows of one document
 */
export function recorderOf(spec: Spec, ids: MadeIds): (flow: Flow, workflowId: string) => Promise<Recorded> {
  const operations = new Map(specOperations(spec).map((operation) => [operation.operationId, operation]));
  const errors = new Map(specErrors(spec).map((error) => [error.code, error]));

  /** The example of a response. */
  function exampleOf({ operationId, responses }: SpecOperation, { status, error }: CaseResponse): unknown {
    if (error !== undefined && errors.has(error)) return spec.components.examples[error.replaceAll('/', '.')]?.value;
    const declared = responses[String(status)];
    const response = declared === undefined ? undefined : resolve(spec, declared);
    const [example] = Object.values(response?.content?.['application/json']?.examples ?? {});
    if (example === undefined) throw new NotExpressible(`${operationId} has no example of a ${status}`);
    return resolve(spec, example).value;
  }

  return async (flow, workflowId) => {
    const values = new Values(ids);
    const steps: Step[] = [];

    /** Records a request, and returns the example of its response. */
    function send(operationId: string, request: CaseRequest, promised: CaseResponse): ApiResponse {
      const operation = operations.get(operationId);
      if (operation === undefined) throw new NotExpressible(`${operationId} is no operation`);
      const { body, authorization, cookie, headers = {}, ...others } = request;
      const [other] = Object.keys(others);
      if (other !== undefined) throw new NotExpressible(`it has ${other}`);
      const all = {
        ...(authorization !== undefined && { Authorization: authorization }),
        ...(cookie !== undefined && { Cookie: cookieHeader(cookie) }),
        ...headers,
      };
      const parameters = Object.entries(all).map(([name, value]) => ({
        ...{ name, in: 'header' as const, value: values.expressed(value) as string },
      }));
      const step: Step = {
        stepId: `${workflowId}-${steps.length + 1}-${operationId.replace(/^\w+\./, '')}`,
        operationPath: `{$sourceDescriptions.${sourceName}.url}#/paths/${operation.path.replaceAll('/', '~1')}/${operation.method}`,
        ...(parameters.length > 0 && { parameters }),
        requestBody: { contentType: 'application/json', payload: values.expressed(body ?? {}) },
        successCriteria: criteriaOf(promised),
      };
      steps.push(step);
      const example = values.replaced(structuredClone(exampleOf(operation, promised)), step);
      const received = { date: new Date().toUTCString() };
      return { status: promised.status, headers: received, body: example };
    }

    const rootKey = values.input('rootKey');
    const arranged: Partial<Record<State, () => Promise<Fixture>>> = {
      portal: async () => ({ ...emptyFixture, rootKey, slug: values.input('slug') }),
      ...keyStates(
        async (operation, body, bearer, headers = {}) =>
          send(operation, { body, authorization: bearer && `Bearer ${bearer}`, headers }, { status: 200 }),
        rootKey,
      ),
    };
    const no = (what: string) => (): never => {
      throw new NotExpressible(`it ${what}`);
    };
    const trial: Trial = {
      target: { name: 'Arazzo', baseUrl: '', isMock: false, arrange: no('uses the target') },
      ...{ failures: [], warnings: [], sentRequests: [], timedOut: false },
      arrange(state) {
        const arrange = arranged[state];
        if (arrange === undefined) throw new NotExpressible(`it needs the state ${state}`);
        return arrange();
      },
      call: async (operation, request, promised) => send(operation, request, promised),
      attempt: no('sends requests at the same time'),
      observe: no('accepts any response'),
      callUndocumented: no('calls no operation'),
      sendUndocumented: no('calls no operation'),
      // What it compares has no step of its own; the suite compares it.
      assert: () => {},
    };
    try {
      await flow.run(trial);
    } catch (error) {
      if (error instanceof Unavailable) throw new NotExpressible(error.message);
      throw error;
    }
    return { steps, inputs: [...values.inputs].sort() };
  };
}
