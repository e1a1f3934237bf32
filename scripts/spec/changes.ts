/** Finds the changes of the spec that break clients of the released contract, with oasdiff and with comparisons of our own. */
import { execFile } from 'node:child_process';
import { isDeepStrictEqual, promisify } from 'node:util';
import {
  resolve,
  type Spec,
  type SpecOperation,
  type SpecResponse,
  specOperations,
} from '../../contract-tests/engine/spec.ts';
import { goTool } from '../go-tools/tool.ts';

/** A change that can break a client. */
export interface BreakingChange {
  /** The operationId, an error code, or the name of a component, such as a security scheme. */
  place: string;
  text: string;
}

/** One entry of `oasdiff changelog`. */
interface Entry {
  id: string;
  text: string;
  /** 1 info, 2 warning, 3 error. */
  level: number;
  operationId?: string;
}

/** Changes that oasdiff accepts but that break our clients: they handle every error, and use operation ids as names. */
const breaksHere = new Set([
  'api-operation-id-removed',
  'optional-response-header-removed',
  'request-parameter-default-value-changed',
  'request-property-default-value-changed',
  'response-non-success-status-removed',
  'response-optional-property-removed',
]);

/** Changes that oasdiff rejects and that this contract allows: responses may get new enum values. */
const harmlessHere = new Set(['response-property-enum-value-added', 'response-mediatype-enum-value-added']);

async function oasdiffChanges(released: string, present: string): Promise<BreakingChange[]> {
  const oasdiff = await goTool('github.com/oasdiff/oasdiff');
  const { stdout } = await promisify(execFile)(oasdiff, ['changelog', released, present, '-f', 'json'], {
    maxBuffer: 2 ** 26,
  });
  const entries = (stdout.trim() === '' ? [] : JSON.parse(stdout)) as Entry[];
  return entries
    .filter(({ id, level }) => (level >= 2 && !harmlessHere.has(id)) || breaksHere.has(id))
    .map(({ text, operationId }) => ({ place: operationId ?? /`([^`]+)`/.exec(text)?.[1] ?? 'the spec', text }));
}

/** The error codes of a response, from its examples. */
const codesOf = (spec: Spec, response: SpecResponse) =>
  Object.values(resolve(spec, response).content ?? {})
    .flatMap(({ examples = {} }) => Object.values(examples))
    .flatMap(({ $ref }) => $ref?.split('/').at(-1)?.replaceAll('.', '/') ?? []);

/** The schema of each response header, without its prose. */
function headersOf(spec: Spec, response: SpecResponse): Map<string, unknown> {
  const headers = Object.entries(resolve(spec, response).headers ?? {});
  return new Map(
    headers.map(([name, header]) => {
      const { description: _, examples: __, ...schema } = resolve(spec, header).schema ?? {};
      return [name, schema];
    }),
  );
}

function changesOf(was: SpecOperation, is: SpecOperation, [released, present]: [Spec, Spec]): string[] {
  const changes: string[] = [];
  if (was['x-permission'] !== is['x-permission'])
    changes.push(`the permission changed from \`${was['x-permission']}\` to \`${is['x-permission']}\``);
  if (was['x-repeatable'] === true && is['x-repeatable'] !== true)
    changes.push('it can no longer be sent again after a 503');
  for (const [status, response] of Object.entries(was.responses)) {
    const now = is.responses[status];
    if (now === undefined) continue;
    const codes = codesOf(present, now);
    for (const code of codesOf(released, response).filter((known) => !codes.includes(known)))
      changes.push(`removed the error \`${code}\` from the response with the \`${status}\` status`);
    const headers = headersOf(present, now);
    for (const [name, schema] of headersOf(released, response))
      if (headers.has(name) && !isDeepStrictEqual(schema, headers.get(name)))
        changes.push(`the values of the header \`${name}\` of the response with the \`${status}\` status changed`);
  }
  return changes;
}

/** The status of each error code. */
const statusesOf = ({ components }: Spec) =>
  new Map(
    Object.entries(components.examples).map(([name, { value }]) => [name.replaceAll('.', '/'), value.error.status]),
  );

/** The changes of what only this contract declares: permissions, repeatability and the error catalogue. */
function contractChanges(released: Spec, present: Spec): BreakingChange[] {
  const operations = new Map(specOperations(present).map((operation) => [operation.operationId, operation]));
  const ofOperations = specOperations(released).flatMap((was) => {
    const is = operations.get(was.operationId);
    const texts = is === undefined ? [] : changesOf(was, is, [released, present]);
    return texts.map((text) => ({ place: was.operationId, text }));
  });
  const statuses = statusesOf(present);
  const ofErrors = [...statusesOf(released)].flatMap(([code, status]) => {
    const now = statuses.get(code);
    if (now === undefined) return [{ place: code, text: 'the error is gone' }];
    return now === status ? [] : [{ place: code, text: `the status of the error changed from ${status} to ${now}` }];
  });
  const ofEveryResponse = [...headersOf(released, { headers: released['x-response-headers'] })].flatMap(
    ([name, was]) => {
      const is = headersOf(present, { headers: present['x-response-headers'] }).get(name);
      return isDeepStrictEqual(was, is) ? [] : [{ place: name, text: 'the header of every response changed' }];
    },
  );
  return [...ofOperations, ...ofErrors, ...ofEveryResponse];
}

/** A spec and its file. */
export interface SpecFile {
  file: string;
  spec: Spec;
}

/**
 * All breaking changes.
 *
 * @throws what `goTool` throws; Error if oasdiff cannot read a file
 */
export async function breakingChanges(released: SpecFile, present: SpecFile): Promise<BreakingChange[]> {
  return [...(await oasdiffChanges(released.file, present.file)), ...contractChanges(released.spec, present.spec)];
}

/** The text under `### Breaking` of Unreleased in the changelog. */
function announcements(changelog: string): string {
  const under = (text: string, mark: string, heading: string) =>
    `\n${text}`.split(`\n${mark} `).find((section) => section.startsWith(`${heading}\n`)) ?? '';
  return under(under(changelog, '##', 'Unreleased'), '###', 'Breaking');
}

/** The changes that the changelog does not announce. An announcement has the place in backticks. */
export const unannounced = (changes: BreakingChange[], changelog: string): BreakingChange[] =>
  changes.filter(({ place }) => !announcements(changelog).includes(`\`${place}\``));
