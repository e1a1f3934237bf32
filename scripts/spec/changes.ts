/** What a change of the spec breaks for those who were written for the released one: oasdiff, and what it cannot know. */
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

/** Something that no longer is as it was. */
export interface BreakingChange {
  /** The operationId, or the name of a component that stands for itself, such as a security scheme. */
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

/** What oasdiff takes for harmless, and is not here: clients read every error, and generated ones are named by it. */
const breaksHere = new Set([
  'api-operation-id-removed',
  'optional-response-header-removed',
  'request-parameter-default-value-changed',
  'request-property-default-value-changed',
  'response-non-success-status-removed',
  'response-optional-property-removed',
]);

/** What it takes for breaking, and the contract says that it happens: the values of answers may get more. */
const harmlessHere = new Set(['response-property-enum-value-added', 'response-mediatype-enum-value-added']);

async function seenByOasdiff(released: string, present: string): Promise<BreakingChange[]> {
  const oasdiff = await goTool('github.com/oasdiff/oasdiff');
  const { stdout } = await promisify(execFile)(oasdiff, ['changelog', released, present, '-f', 'json'], {
    maxBuffer: 2 ** 26,
  });
  const entries = (stdout.trim() === '' ? [] : JSON.parse(stdout)) as Entry[];
  return entries
    .filter(({ id, level }) => (level >= 2 && !harmlessHere.has(id)) || breaksHere.has(id))
    .map(({ text, operationId }) => ({ place: operationId ?? /`([^`]+)`/.exec(text)?.[1] ?? 'the spec', text }));
}

/** The codes that a response names, by its examples. */
const codesOf = (spec: Spec, response: SpecResponse) =>
  Object.values(resolve(spec, response).content ?? {})
    .flatMap(({ examples = {} }) => Object.values(examples))
    .flatMap(({ $ref }) => $ref?.split('/').at(-1)?.replaceAll('.', '/') ?? []);

/** What matters of a header to those who read it: its schema, without what is said to people. */
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
  for (const [status, answer] of Object.entries(was.responses)) {
    const now = is.responses[status];
    if (now === undefined) continue;
    const codes = codesOf(present, now);
    for (const code of codesOf(released, answer).filter((known) => !codes.includes(known)))
      changes.push(`removed the error \`${code}\` from the response with the \`${status}\` status`);
    const headers = headersOf(present, now);
    for (const [name, schema] of headersOf(released, answer))
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

/** What is said in ways of this contract alone: permissions, and the catalogue of errors. */
function seenByUs(released: Spec, present: Spec): BreakingChange[] {
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
  return [...ofOperations, ...ofErrors];
}

/** A spec, and the file that it was read from. */
export interface SpecFile {
  file: string;
  spec: Spec;
}

/**
 * Everything that breaks, in the order in which it was found.
 *
 * @throws what `goTool` throws; Error where oasdiff cannot read one of them
 */
export async function breakingChanges(released: SpecFile, present: SpecFile): Promise<BreakingChange[]> {
  return [...(await seenByOasdiff(released.file, present.file)), ...seenByUs(released.spec, present.spec)];
}

/** What stands under `### Breaking` of the changelog's Unreleased. */
function announcements(changelog: string): string {
  const under = (text: string, mark: string, heading: string) =>
    `\n${text}`.split(`\n${mark} `).find((section) => section.startsWith(`${heading}\n`)) ?? '';
  return under(under(changelog, '##', 'Unreleased'), '###', 'Breaking');
}

/** Those that the changelog does not announce by naming their place in backticks. */
export const unannounced = (changes: BreakingChange[], changelog: string): BreakingChange[] =>
  changes.filter(({ place }) => !announcements(changelog).includes(`\`${place}\``));
