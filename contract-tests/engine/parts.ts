/**
 * The parts of responses that have checks of their own: headers, exact texts, and bounds of fields. A server that breaks one keeps what else its
 * responses promise. A part has no requests: it judges the responses that other checks get.
 */
import { type Check, type PartCheck, titleOf } from './check.ts';
import { documentedStatuses, errorCodesOf } from './documented.ts';
import { boundsName, everyHeaderName, headerName, sentenceName, titlesName } from './part-names.ts';
import { profileOf } from './profile.ts';
import { type Source, sentences } from './source.ts';
import { type Spec, type SpecOperation, specOperations } from './spec.ts';

/** A part of the responses of an operation, before it is known which checks show it. */
interface Part extends Pick<PartCheck, 'name' | 'kind' | 'status'> {
  source?: Source;
  /** Whether a check gets a response with this part. */
  isIn(check: Check): boolean;
}

const isError = ({ status, kind }: Check) => status >= 400 || kind === 'flow';
const with405 = ({ name }: Check) => name.startsWith('accepts only ');

/** The parts of every response, also of those that belong to no operation. */
const everyPart = (spec: Spec, status: number): Part[] => [
  ...Object.keys(spec['x-response-headers']).map(
    (header): Part => ({ name: everyHeaderName(header), kind: 'header', status, isIn: () => true }),
  ),
  { name: titlesName, kind: 'text', status: 400, isIn: isError },
  { name: boundsName(400), kind: 'bound', status: 400, isIn: isError },
];

function partsOf(spec: Spec, operation: SpecOperation): Part[] {
  const statuses = documentedStatuses(spec, operation);
  const ofStatus = (wanted: number) => (check: Check) => check.status === wanted && !with405(check);
  const headers = statuses.flatMap(({ status, response }) =>
    Object.keys(response.headers ?? {}).map(
      (header): Part => ({ name: headerName(status, header), kind: 'header', status, isIn: ofStatus(status) }),
    ),
  );
  const bounds = statuses
    .filter(({ status, response }) => status < 400 && response.content !== undefined)
    .map(({ status }): Part => ({ name: boundsName(status), kind: 'bound', status, isIn: ofStatus(status) }));
  const withSentence = errorCodesOf(spec, operation).flatMap(({ status, code }): Part[] => {
    const source = sentences[code];
    const isIn = ({ response }: Check) => response?.error === code;
    return source === undefined ? [] : [{ name: sentenceName(code), kind: 'text', status, source, isIn }];
  });
  const [first] = statuses;
  return [
    ...everyPart(spec, first?.status ?? 200),
    ...headers,
    { name: headerName(405, 'Allow'), kind: 'header', status: 405, isIn: with405 },
    ...bounds,
    ...withSentence,
  ];
}

/** One check of each status first: a fault is seen early. */
function byStatusFirst(checks: readonly Check[]): Check[] {
  const groups = [...Map.groupBy(checks, ({ status }) => status).values()];
  return [...groups.flatMap(([first]) => first ?? []), ...groups.flatMap(([, ...rest]) => rest)];
}

function partCheck(operation: string, { isIn, ...part }: Part, own: readonly Check[]): PartCheck {
  const shownBy = byStatusFirst(own.filter(isIn));
  if (shownBy.length === 0) throw new Error(`no check gets a response for ${operation} › ${part.name}`);
  return {
    ...{ operation, profile: profileOf(operation), shownBy },
    ...part,
    writes: shownBy.every(({ writes }) => writes),
    notOnMock: shownBy.every(({ notOnMock }) => notOnMock !== undefined) ? shownBy[0]?.notOnMock : undefined,
  };
}

const allParts = (spec: Spec): [operation: string, part: Part][] => [
  ...specOperations(spec).flatMap((operation) =>
    partsOf(spec, operation).map((part): [string, Part] => [operation.operationId, part]),
  ),
  ...everyPart(spec, 404).map((part): [string, Part] => ['elsewhere', part]),
];

/** The titles of the checks of all parts. */
export const partTitles = (spec: Spec): Set<string> =>
  new Set(allParts(spec).map(([operation, { name }]) => titleOf({ operation, name })));

/**
 * The checks of all parts.
 *
 * @param checks those that get the responses
 */
export function partChecks(spec: Spec, checks: readonly Check[]): PartCheck[] {
  const ofContract = checks.filter(({ source }) => source === undefined);
  const byOperation = Map.groupBy(ofContract, ({ operation }) => operation);
  return allParts(spec).map(([operation, part]) => partCheck(operation, part, byOperation.get(operation) ?? []));
}
