/** An earlier version of the contract, of which the suite runs what that version promises. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { CaseResponse } from './case.ts';
import { type AnyCheck, isPart, titleOf } from './check.ts';
import { constraintName, constraintsOf } from './constraints.ts';
import { documentedFields } from './matrix.ts';
import { partTitles } from './parts.ts';
import { SuiteError } from './preflight.ts';
import { resolve, type Spec, type SpecOperation, specOperations } from './spec.ts';

/** The contract of the last release, without prose. */
const releasedFile: string = join(import.meta.dirname, '../../spec/released.json');

/** What a server that implements an earlier version promises. */
export interface EarlierContract {
  version: string;
  /** That version, with the texts of the present errors. */
  spec: Spec;
  /** The operations that came later. */
  later: string[];
  /** Whether that version has the promise of a check. */
  hasPromise(check: AnyCheck): boolean;
  /** Whether that version understands a request, as far as the present one does. */
  understands(operation: string, body: unknown): boolean;
  /** Whether that version documents the expected response to a request. */
  promises(operation: string, body: unknown, response: CaseResponse): boolean;
}

/** Whether a body is one of an operation, by its schema. An operation without a schema takes any. */
function bodyChecker(spec: Spec): (operation: SpecOperation, body: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
  ajv.addSchema(spec, 'openapi');
  return ({ path, method }, body) => {
    const at = `/paths/${path.replaceAll('/', '~1')}/${method}/requestBody/content/application~1json/schema`;
    return ajv.getSchema(`openapi#${at}`)?.(body) !== false;
  };
}

/** Whether an operation documents a response: its status, its error, and the fields of its data. */
function documents(spec: Spec, fields: Set<string>, operation: SpecOperation, response: CaseResponse): boolean {
  const { status, error, data } = response;
  const declared = operation.responses[status];
  if (declared === undefined) return false;
  const { examples = {} } = resolve(spec, declared).content?.['application/json'] ?? {};
  const name = `#/components/examples/${error?.replaceAll('/', '.')}`;
  if (error !== undefined && !Object.values(examples).some(({ $ref }) => $ref === name)) return false;
  const [base, item] = Array.isArray(data) ? ['/data/*', data[0]] : ['/data', data];
  return Object.keys(item ?? {}).every((field) => fields.has(`${operation.operationId} ${status} ${base}/${field}`));
}

/** The values of all open enums. */
function enumValues(node: unknown): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = (node as { 'x-extensible-enum'?: unknown[] })['x-extensible-enum'] ?? [];
  return [...own, ...Object.values(node).flatMap(enumValues)];
}

/** The places in the bodies of requests that have a rule, as `operation body.field`. */
const placesOf = (spec: Spec, operations: Map<string, SpecOperation>): Set<string> =>
  new Set(
    [...operations].flatMap(([name, operation]) =>
      constraintsOf(spec, operation).map(({ location }) => `${name} ${location}`),
    ),
  );

/**
 * Reads an earlier version of the contract.
 *
 * @param version such as `0.1.0`
 * @throws SuiteError if the suite does not have it
 */
export async function earlierContract(version: string, present: Spec): Promise<EarlierContract> {
  const released = JSON.parse(await readFile(releasedFile, 'utf8')) as Spec;
  if (released.info.version !== version) {
    throw new SuiteError(`the suite has the contract ${released.info.version} as an earlier version, not ${version}`);
  }
  const spec: Spec = { ...released, components: { ...released.components, examples: present.components.examples } };
  const [operations, presentOperations] = [spec, present].map(
    (each) => new Map(specOperations(each).map((operation) => [operation.operationId, operation])),
  ) as [Map<string, SpecOperation>, Map<string, SpecOperation>];
  const [isBody, isPresentBody] = [bodyChecker(spec), bodyChecker(present)];
  const fields = new Set(documentedFields(spec));
  const rules = new Set(
    [...operations].flatMap(([name, operation]) =>
      constraintsOf(spec, operation).map((rule) => `${name} ${constraintName(rule)}`),
    ),
  );
  const parts = partTitles(spec);
  const values = new Set(enumValues(spec));
  const [places, presentPlaces] = [placesOf(spec, operations), placesOf(present, presentOperations)];
  /** Whether a response names only places of a request that were there. Others than those of the contract can be anywhere. */
  const hasPlaces = (operation: string, { locations = [] }: CaseResponse) =>
    locations
      .map((location) => `${operation} ${location.replaceAll(/\[\d+\]/g, '[0]')}`)
      .every((place) => places.has(place) || !presentPlaces.has(place));
  return {
    version,
    spec,
    later: [...presentOperations.keys()].filter((name) => !operations.has(name)),
    hasPromise(check) {
      if (isPart(check)) return parts.has(titleOf(check));
      const { operation: name, kind, name: promise, source, response, values: expected = [] } = check;
      const operation = operations.get(name);
      if (source !== undefined || name === 'elsewhere') return true;
      if (operation === undefined) return false;
      if (kind === 'constraint') return rules.has(`${name} ${promise}`);
      if (!expected.every((value) => values.has(value))) return false;
      return response === undefined || (documents(spec, fields, operation, response) && hasPlaces(name, response));
    },
    understands(name, body) {
      const [operation, presentOperation] = [operations.get(name), presentOperations.get(name)];
      if (operation === undefined || presentOperation === undefined || body === undefined) return true;
      return isBody(operation, body) || !isPresentBody(presentOperation, body);
    },
    promises(name, body, response) {
      const [operation, presentOperation] = [operations.get(name), presentOperations.get(name)];
      if (operation === undefined || presentOperation === undefined || response.status === 0) return true;
      // A rule that came later refuses what was valid.
      if (
        response.status === 400 &&
        body !== undefined &&
        isBody(operation, body) &&
        !isPresentBody(presentOperation, body)
      )
        return false;
      return documents(spec, fields, operation, {
        status: response.status,
        ...(response.error && { error: response.error }),
      });
    },
  };
}
