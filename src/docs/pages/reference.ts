/** The overview of the API, and the page that sends requests. */
import type { Facts } from '../facts.ts';
import { linkTo, type Page } from '../page.ts';
import { fieldRow, fieldsOf } from '../schema-fields.ts';
import { code, jsonBlock, oneLine, section, table } from '../write-markdown.ts';
import { operationList, operationsByTag } from './operation.ts';

const source = 'reference/index.md';
const columns = ['Field', 'Type', 'Description'];

function authentication({ document }: Facts): string {
  const rows = Object.entries(document.components.securitySchemes).map(([name, scheme]) => [
    code(name),
    scheme.type === 'apiKey' ? `${scheme.in} ${code(scheme.name ?? '')}` : '`Authorization: Bearer`',
    oneLine(scheme.description),
  ]);
  return table(['Credential', 'Location', 'Description'], rows);
}

function errors({ document }: Facts): string {
  const { InvalidInputResponse = {} } = document.components.schemas;
  const rows = fieldsOf(document, InvalidInputResponse).map((field) => fieldRow(field, { isResponse: true }));
  return `An error response has this body. Only ${code('unkey/application/invalid_input')} contains ${code('error.errors')}. Each error has [a page](${linkTo(source, 'errors/index.md')}).

${table(columns, rows)}
${jsonBlock(document.components.examples['unkey.application.invalid_input']?.value)}`;
}

function parameters({ document }: Facts): string {
  const rows = Object.values(document.components.parameters).map(
    ({ name = '', description = '', schema = {}, example }) => {
      const properties = { [name]: { ...schema, description, examples: [example] } };
      const [field] = fieldsOf(document, { properties });
      return field === undefined ? [] : fieldRow(field);
    },
  );
  return table(['Header', 'Type', 'Description'], rows);
}

/** The overview: all operations, and what they have in common. */
export function referencePage(facts: Facts): Page {
  const { info } = facts.document;
  const tags = operationsByTag(facts).map(({ tag, description, operations }) =>
    section(tag, `${description}\n\n${operationList(source, operations)}`, 3),
  );
  return {
    source,
    title: 'API reference',
    description: `Every operation of the ${info.title} API, version ${info.version}: requests, responses, errors and code samples.`,
    markdown: `${info.description}
The contract is an OpenAPI 3.1 document: [openapi.yaml](../../openapi.yaml), [openapi.json](../../openapi.json). You can [try it](try.md) in the browser.

${section('Operations', tags.join(''))}
${section('Authentication', authentication(facts))}
${section('Headers', parameters(facts))}
${section('Errors', errors(facts))}`,
  };
}

/** The page that calls operations from the browser. */
export const tryPage = (facts: Facts): Page => ({
  source: 'reference/try.md',
  title: 'Try it',
  description: `Call every operation of the ${facts.document.info.title} API on this server from your browser.`,
  needs: 'try',
  markdown: `Your browser sends the requests to this server, with the credentials that you paste here. Only this page
stores them, until you leave it. The requests change real data: use a root key of a workspace for tests.
`,
});
