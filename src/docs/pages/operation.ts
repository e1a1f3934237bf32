/** The pages of the operations. */
import type { Content, ErrorFact, Facts, Header, Operation, OperationResponse } from '../facts.ts';
import { errorSource, linkTo, operationSource, type Page } from '../page.ts';
import { type SampleRequest, samplesOf } from '../samples.ts';
import { fieldRow, fieldsOf, resolved } from '../schema-fields.ts';
import { code, codeBlock, firstSentence, jsonBlock, list, oneLine, section, table } from '../write-markdown.ts';

const bodyOf = ({ requestBody }: Operation): Content[string] | undefined => requestBody?.content['application/json'];

/** The examples of the headers that an operation requires. */
const requiredHeaders = ({ document }: Facts, { parameters = [] }: Operation): Record<string, string> =>
  Object.fromEntries(
    parameters
      .map((parameter) => resolved(document, parameter))
      .filter(({ required }) => required === true)
      .map(({ name = '', example }) => [name, String(example)]),
  );

/** The example requests of an operation; one without a body if the operation has no body. */
export function sampleRequests(
  facts: Facts,
  operation: Operation,
  base: string,
): { summary: string; request: SampleRequest }[] {
  const examples = Object.values(bodyOf(operation)?.examples ?? {});
  const shared = { operation, headers: requiredHeaders(facts, operation), base };
  if (examples.length === 0) return [{ summary: operation.summary, request: { ...shared, body: undefined } }];
  return examples.map(({ summary = operation.summary, value }) => ({ summary, request: { ...shared, body: value } }));
}

/** The code samples of a request, one per language. */
export const sampleBlocks = (request: SampleRequest): string =>
  samplesOf(request)
    .map(({ title, language, text }) => codeBlock(language, text, title))
    .join('\n');

/** The errors that an operation can return, by status, in the order of the spec. */
export function errorsOf(facts: Facts, operation: Operation): { status: string; errors: ErrorFact[] }[] {
  return Object.entries(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .map(([status, response]) => {
      const examples = Object.values(resolved(facts.document, response).content?.['application/json']?.examples ?? {});
      const codes = examples.map(({ $ref = '' }) => ($ref.split('/').at(-1) ?? '').replaceAll('.', '/'));
      return { status, errors: facts.errors.filter((error) => codes.includes(error.code)) };
    });
}

function authentication(facts: Facts, operation: Operation, source: string): string {
  const schemes = operation.security.flatMap((requirement) => Object.keys(requirement));
  const link = (text: string) => `[${text}](${linkTo(source, 'reference/index.md')}#authentication)`;
  const across = operation['x-cross-origin']
    ? ` [Your own front end](${linkTo(source, 'integrate/own-front-end.md')}) can call it from a browser.`
    : '';
  if (schemes.length === 0) return `This operation needs no credentials.${across}`;
  if (!schemes.includes('rootKey')) {
    return `A ${link('portal session')}: the session cookie, or the browser session token as \`Authorization: Bearer\`.${across}`;
  }
  const guide = facts.guides.find((found) => found.source === 'integrate/root-key-permissions.md');
  const permission = code(operation['x-permission'] ?? '');
  const permissionLink = guide === undefined ? 'permission' : `[permission](${linkTo(source, guide.source)})`;
  return `A ${link('root key')} as \`Authorization: Bearer\`, sent only from your backend. It needs the ${permissionLink} ${permission}.`;
}

const headerRow = (facts: Facts, name: string, header: Header): string[] => {
  const { description = '', required, schema = {}, example } = resolved(facts.document, header);
  const [row] = fieldsOf(facts.document, {
    properties: { [name]: { ...schema, description, ...(example !== undefined && { examples: [example] }) } },
    required: required === true ? [name] : [],
  });
  return row === undefined ? [] : fieldRow(row);
};

function requestHeaders(facts: Facts, operation: Operation): string {
  const rows = (operation.parameters ?? []).map((parameter) => {
    const found = resolved(facts.document, parameter);
    return headerRow(facts, found.name ?? '', found);
  });
  return section('Headers', table(['Header', 'Type', 'Description'], rows), 3);
}

function requestBody(facts: Facts, operation: Operation): string {
  const body = bodyOf(operation);
  if (body === undefined) return '';
  const rows = fieldsOf(facts.document, body.schema).map((field) => fieldRow(field));
  const description = oneLine(operation.requestBody?.description ?? '');
  return section(
    'Body',
    rows.length === 0 ? 'An empty object, `{}`.' : `${description}\n\n${table(['Field', 'Type', 'Description'], rows)}`,
    3,
  );
}

function requests(facts: Facts, operation: Operation, base: string): string {
  const all = sampleRequests(facts, operation, base);
  return all
    .map(({ summary, request }) => (all.length === 1 ? '' : `### ${summary}\n\n`) + sampleBlocks(request))
    .join('\n');
}

function success(facts: Facts, status: string, reference: OperationResponse): string {
  const response = resolved(facts.document, reference);
  const headers = Object.entries(response.headers ?? {}).map(([name, header]) => headerRow(facts, name, header));
  const parts = [oneLine(response.description ?? ''), ''];
  for (const [type, { schema, examples = {} }] of Object.entries(response.content ?? {})) {
    const fields = fieldsOf(facts.document, schema).map((field) => fieldRow(field, { isResponse: true }));
    if (fields.length > 0) parts.push(table(['Field', 'Type', 'Description'], fields));
    else parts.push(`As ${code(type)}: ${oneLine(resolved(facts.document, schema).description ?? '')}`, '');
    for (const { summary, value } of Object.values(examples)) {
      parts.push(type === 'application/json' ? jsonBlock(value, summary) : codeBlock('text', String(value), summary));
    }
  }
  if (headers.length > 0) parts.push('', table(['Header', 'Type', 'Description'], headers));
  return section(status, parts.join('\n'), 3);
}

/** Whether a retry after a 503 is safe. The server may have completed the operation. */
function retries(facts: Facts, operation: Operation, source: string): string {
  if (operation['x-repeatable'] === true) return 'A retry after a 503 is safe.';
  if ((operation.parameters ?? []).some((parameter) => resolved(facts.document, parameter).name === 'Idempotency-Key'))
    return 'A retry after a 503 is safe with the same `Idempotency-Key`.';
  return `After a 503 the operation may be complete. Before you retry, see [Which requests to retry](${linkTo(source, 'integrate/errors.md')}#which-requests-to-retry).`;
}

function failures(facts: Facts, operation: Operation, source: string): string {
  const rows = errorsOf(facts, operation).flatMap(({ status, errors }) =>
    errors.map((error) => [
      status,
      `[${code(error.code)}](${linkTo(source, errorSource(error.code))})`,
      oneLine(error.summary),
    ]),
  );
  if (rows.length === 0) return '';
  const shape = `[the error envelope](${linkTo(source, 'reference/index.md')}#errors)`;
  return section(
    'Errors',
    `Each error has ${shape}. Its page shows the body and how to fix it.\n\n${table(['Status', 'Error', 'What happened'], rows)}`,
  );
}

/** The page of one operation. */
export function operationPage(facts: Facts, operation: Operation, base: string): Page {
  const source = operationSource(operation.operationId);
  const successes = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
  const request = requestHeaders(facts, operation) + requestBody(facts, operation);
  const tryIt = `[Try it](${linkTo(source, 'reference/try.md')})`;
  return {
    source,
    title: operation.operationId,
    label: operation.operationId.split('.').at(-1) ?? '',
    isCode: { title: true, label: true },
    badge: { text: operation.method.toUpperCase(), kind: operation.method },
    description: `${firstSentence(operation.summary).replace(/[.?]$/, '')}. ${code(`${operation.method.toUpperCase()} ${operation.path}`).replaceAll('`', '')}`,
    keywords: operation.tags.join(' '),
    markdown: [
      `**${operation.summary}**\n`,
      codeBlock('http', `${operation.method.toUpperCase()} ${operation.path}`),
      operation.description,
      section('Authentication', authentication(facts, operation, source)),
      section(
        'Request',
        `${requests(facts, operation, base)}\n${request}\n${retries(facts, operation, source)}\n\n${tryIt} in the browser.`,
      ),
      section('Response', successes.map(([status, response]) => success(facts, status, response)).join('')),
      failures(facts, operation, source),
    ].join('\n'),
  };
}

/** The operations by tag, in the order of the spec. */
export const operationsByTag = ({
  document,
  operations,
}: Facts): { tag: string; description: string; operations: Operation[] }[] =>
  document.tags.map(({ name, description }) => ({
    tag: name,
    description,
    operations: operations.filter(({ tags }) => tags.includes(name)),
  }));

/** A list of links to operations. */
export const operationList = (source: string, operations: Operation[]): string =>
  list(
    operations.map(
      ({ operationId, summary }) =>
        `[${code(operationId)}](${linkTo(source, operationSource(operationId))}): ${summary}`,
    ),
  );
