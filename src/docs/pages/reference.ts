/** The overview of the reference, and the page to try it on. */
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
  return table(['Credential', 'Where it travels', 'What it is'], rows);
}

function errors({ document }: Facts): string {
  const { InvalidInputResponse = {} } = document.components.schemas;
  const rows = fieldsOf(document, InvalidInputResponse).map((field) => fieldRow(field, { isAnswer: true }));
  return `A failure has the status of its error, and this body. ${code('error.errors')} comes with ${code('unkey/application/invalid_input')} alone. Each error has [a page](${linkTo(source, 'errors/index.md')}).

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

/** What holds for every operation, and all of them. */
export function referencePage(facts: Facts): Page {
  const { info } = facts.document;
  const tags = operationsByTag(facts).map(({ tag, description, operations }) =>
    section(tag, `${description}\n\n${operationList(source, operations)}`, 3),
  );
  return {
    source,
    title: 'API reference',
    label: 'Overview',
    description: `Every operation of the ${info.title} API, version ${info.version}: requests, answers, errors, and samples.`,
    markdown: `${info.description}
The document itself, OpenAPI 3.1: [openapi.yaml](../../openapi.yaml), [openapi.json](../../openapi.json). Or [try it](try.md) in the browser.

${section('Operations', tags.join(''))}
${section('Authentication', authentication(facts))}
${section('Headers', parameters(facts))}
${section('Errors', errors(facts))}`,
  };
}

/** Where operations can be called from the browser. */
export const tryPage = (facts: Facts): Page => ({
  source: 'reference/try.md',
  title: 'Try it',
  label: 'Try it',
  description: `Every operation of the ${facts.document.info.title} API, to be called from the browser against this server.`,
  needs: 'try',
  markdown: `Calls go from your browser to this very server, with the credentials that you paste here. They are kept in
this page alone, until you leave it. Use a root key of a workspace that is made for trying: what you call happens.
`,
});
