/** Checks that the viewer shows all of an OpenAPI document: it reads the document with no help from the viewer, and compares. */

import { type Entry, groupsOf } from './navigation.ts';
import { operationOf } from './operation.ts';
import { initialInput, requestOf } from './request.ts';
import { sampleOf } from './sample-value.ts';
import { sampleIn, sampleLanguages } from './samples.ts';
import { type Line, lineOf, linesOf } from './schema.ts';

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const nodesIn = (value: unknown): [string, unknown][] => (isNode(value) ? Object.entries(value) : []);

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];

/** How many lines of the schemas of one operation are opened, and how deep: a person opens a few. */
const [maxLines, maxDepth] = [1000, 5];
/** The most characters of all samples and examples of an operation: more is nothing that a page can show at once. */
const maxCharacters = 1_000_000;

/** What was found in a document. */
export interface Structure {
  operations: number;
  schemaLines: number;
  samples: number;
  /** What the viewer does not show, or shows wrongly. */
  problems: string[];
  /** The longest that one operation took to read, with its first two levels and its samples, in ms, and its name. */
  longest: { ms: number; operation: string };
}

/** Follows local references as RFC 6901 describes them. Undefined if they lead nowhere. */
function follow(document: unknown, value: unknown): Node | undefined {
  let at = value;
  for (let i = 0; i < 20 && isNode(at) && typeof at['$ref'] === 'string'; i++) {
    const { $ref: reference } = at as { $ref: string };
    if (!reference.startsWith('#')) return undefined;
    let target: unknown = document;
    for (const part of reference.slice(1).split('/').slice(1)) {
      const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
      target = Array.isArray(target) ? target[Number(name)] : isNode(target) ? target[name] : undefined;
    }
    at = target;
  }
  return isNode(at) ? at : undefined;
}

/** The names of the fields that a schema has, also through `allOf`, lists and the only variant beside null. */
function fieldsOf(document: unknown, schema: unknown, depth = 0): string[] {
  const own = follow(document, schema);
  if (own === undefined || depth > 8) return [];
  const variants = [own['oneOf'], own['anyOf']]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((each) => follow(document, each)?.['type'] !== 'null');
  const only = variants.length === 1 && !('properties' in own) ? variants : [];
  const inside = own['items'] !== undefined && !('properties' in own) ? [own['items']] : [];
  const parts = Array.isArray(own['allOf']) ? own['allOf'] : [];
  return [
    ...nodesIn(own['properties']).map(([name]) => name),
    ...[...parts, ...only, ...inside].flatMap((part) => fieldsOf(document, part, depth + 1)),
  ];
}

/** Each operation of the document: where it is, and what it says. */
function operationsOf(
  document: unknown,
): { where: string; method: string; path: string; item: Node; operation: Node }[] {
  return ['paths', 'webhooks'].flatMap((field) =>
    nodesIn(isNode(document) ? document[field] : undefined)
      .filter(([path]) => !path.startsWith('x-'))
      .flatMap(([path, reference]) => {
        const item = follow(document, reference) ?? {};
        return methods.flatMap((method) => {
          const operation = item[method];
          const where = `${method.toUpperCase()} ${field === 'webhooks' ? 'webhook ' : ''}${path}`;
          return isNode(operation) ? [{ where, method, path, item, operation }] : [];
        });
      }),
  );
}

/** Reads all of an operation as the page does, and opens its schemas. */
function checkOperation(
  document: unknown,
  entry: Entry,
  raw: { item: Node; operation: Node },
): { problems: string[]; schemaLines: number; samples: number; ms: number } {
  const problems: string[] = [];
  const begun = performance.now();
  const operation = operationOf(document, entry);

  const wanted = [raw.item, raw.operation].flatMap(({ parameters }) =>
    (Array.isArray(parameters) ? parameters : []).map((parameter) => follow(document, parameter)),
  );
  const shown = new Set(operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`));
  const placed = wanted.filter((parameter) =>
    ['path', 'query', 'header', 'cookie'].includes(String(parameter?.['in'])),
  );
  for (const parameter of placed)
    if (!shown.has(`${parameter?.['in']} ${parameter?.['name']}`)) problems.push(`no parameter ${parameter?.['name']}`);
  if (wanted.length !== placed.length && operation.body === undefined) problems.push('a parameter is lost');
  for (const parameter of operation.parameters) {
    const line = lineOf(document, parameter.schema);
    if (line.type === '' || parameter.name === '') problems.push(`parameter ${parameter.name} has no type`);
  }

  const body = follow(document, raw.operation['requestBody']);
  const bodyTypes = nodesIn(body?.['content']).map(([type]) => type);
  const shownTypes = operation.body?.contents.map(({ mediaType }) => mediaType) ?? [];
  if (bodyTypes.some((type) => !shownTypes.includes(type))) problems.push(`a body of ${bodyTypes} is lost`);
  const statuses = nodesIn(raw.operation['responses']).map(([status]) => status);
  for (const status of statuses.filter((each) => !each.startsWith('x-')))
    if (!operation.responses.some((response) => response.status === status)) problems.push(`no response ${status}`);

  let characters = 0;
  let samples = 0;
  const request = requestOf(document, operation, initialInput(document, operation, operation.servers));
  if (!entry.isWebhook && /[{}]/.test(request.url)) problems.push(`the request has an empty place: ${request.url}`);
  for (const language of sampleLanguages) {
    const text = sampleIn(language, request);
    samples += 1;
    characters += text.length;
    if (!text.includes('http')) problems.push(`no sample in ${language}`);
  }

  const contents = [operation.body, ...operation.responses, ...operation.callbacks.map((callback) => callback.body)]
    .flatMap((part) => part?.contents ?? [])
    .filter(({ schema }) => schema !== undefined);
  const open: { line: Line; depth: number; at: string }[] = contents.map(({ schema, mediaType }) => {
    const [example, line] = [sampleOf(document, schema, 'response'), lineOf(document, schema)];
    const inside = line.hasLines
      ? linesOf(document, line).filter(({ kind, isWriteOnly }) => kind !== 'anyField' && !isWriteOnly)
      : [];
    if (inside.length > 0 && /^(\{\}|\[\{\}\]|null)$/.test(JSON.stringify(example)))
      problems.push(`the example of ${mediaType} is empty`);
    characters += JSON.stringify(example)?.length ?? 0;
    return { line, depth: 0, at: mediaType };
  });
  const ms = performance.now() - begun;
  if (characters > maxCharacters) problems.push(`its samples have ${characters} characters`);

  let schemaLines = 0;
  for (let next = open.pop(); next !== undefined && schemaLines < maxLines; next = open.pop()) {
    const { line, depth, at } = next;
    schemaLines += 1;
    if (line.type === '') problems.push(`${at} has no type`);
    if (line.isCycle || depth >= maxDepth) continue;
    const lines = line.hasLines ? linesOf(document, line) : [];
    if (line.hasLines && lines.length === 0) problems.push(`${at} cannot be opened`);
    const names = new Set(lines.map(({ name }) => name));
    const lost = fieldsOf(document, line.schema).filter((name) => !names.has(name));
    if (lost.length > 0) problems.push(`${at} has lost ${lost.slice(0, 5)}`);
    open.push(...lines.map((each) => ({ line: each, depth: depth + 1, at: `${at}.${each.name}` })));
  }
  return { problems, schemaLines, samples, ms };
}

/** Checks every operation of a document: its URL and place in the tree, its parameters, bodies, responses and schemas, its samples. */
export function checkStructure(document: unknown): Structure {
  const problems: string[] = [];
  const entries = groupsOf(document).flatMap((group) => group.entries);
  const byPlace = new Map(
    entries.map((entry) => [`${entry.method} ${entry.isWebhook ? 'webhook ' : ''}${entry.path}`, entry]),
  );
  const all = operationsOf(document);
  if (entries.length !== all.length) problems.push(`the tree has ${entries.length} of ${all.length} operations`);
  const ids = new Set(entries.map(({ id }) => id));
  if (ids.size !== entries.length) problems.push('two operations have one URL');
  const result: Structure = {
    ...{ operations: all.length, schemaLines: 0, samples: 0, problems },
    longest: { ms: 0, operation: '' },
  };
  for (const { where, ...raw } of all) {
    const entry = byPlace.get(where);
    if (entry === undefined) {
      problems.push(`${where} is not in the tree`);
      continue;
    }
    if (entry.title.trim() === '' || entry.id === '') problems.push(`${where} has no name`);
    try {
      if (decodeURIComponent(encodeURIComponent(entry.id)) !== entry.id) problems.push(`${where} has no URL`);
      const found = checkOperation(document, entry, raw);
      problems.push(...found.problems.map((problem) => `${where}: ${problem}`));
      result.schemaLines += found.schemaLines;
      result.samples += found.samples;
      if (found.ms > result.longest.ms) result.longest = { ms: found.ms, operation: where };
    } catch (error) {
      problems.push(`${where}: ${error}`);
    }
  }
  return result;
}
