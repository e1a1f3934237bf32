/** What can be set, and where: the environment, the command line, the fields of a portal. */
import type { CommandFact, Facts } from '../facts.ts';
import { linkTo, operationSource, type Page } from '../page.ts';
import { fieldRow, fieldsOf } from '../schema-fields.ts';
import { code, codeBlock, jsonBlock, section, table } from '../write-markdown.ts';

/** The table of variables. */
export const settingsTable = ({ settings }: Pick<Facts, 'settings'>): string =>
  table(
    ['variable', 'default', 'what it is'],
    settings.map(({ name, description, default: value = 'none' }) => [code(name), value, description]),
  );

/** Every variable of the environment. */
export function environmentPage(facts: Facts): Page {
  const ofCommandLine = facts.settings.filter((setting) => setting.ofCommandLine).map(({ name }) => code(name));
  return {
    source: 'configuration/environment.md',
    title: 'Environment variables',
    description: 'Every variable that the server reads, with its default and what it is for.',
    keywords: facts.settings.map(({ name }) => name).join(' '),
    markdown: `The server reads its settings once, at its start, from the environment. An empty variable counts as unset. A value
it cannot use is refused at the start with a sentence that names the variable.

${settingsTable(facts)}
The command line reads ${ofCommandLine.join(', ')} too, and \`portico doctor\` all of them.
`,
  };
}

const command = ({ name, description, options, examples }: CommandFact): string =>
  section(
    `portico ${name}`,
    `${description}

${table(
  ['Option', 'What it is'],
  options.map(({ flags, description: said, required, default: value }) => [
    [code(flags), required ? '**required**' : ''].filter(Boolean).join(' '),
    [said, value === undefined ? '' : `(default: ${code(value)})`].filter(Boolean).join(' '),
  ]),
)}
${examples.length === 0 ? '' : codeBlock('sh', examples.join('\n'))}`,
    3,
  );

/** Every command, with its options. */
export function commandLinePage({ commandLine }: Facts): Page {
  const groups = commandLine.groups.map(({ name, description, commands }) =>
    section(name, `${description}\n\n${commands.map(command).join('')}`),
  );
  return {
    source: 'configuration/command-line.md',
    title: 'Command line',
    description: commandLine.description,
    keywords: commandLine.groups.flatMap(({ commands }) => commands.map(({ name }) => `portico ${name}`)).join(' '),
    markdown: `${commandLine.description} It works on the Redis of \`REDIS_URL\`, beside the server or without it. Every command
takes \`--help\`, and with \`--json\` prints one line of JSON.

${codeBlock('sh', commandLine.examples.join('\n'))}
${groups.join('')}`,
  };
}

/** Every field of a portal. */
export function portalPage({ document }: Facts): Page {
  const source = 'configuration/portal.md';
  const { CreateConfigurationRequest: create = {}, PortalConfiguration: read = {} } = document.components.schemas;
  const link = (operationId: string) => `[${code(operationId)}](${linkTo(source, operationSource(operationId))})`;
  const settable = fieldsOf(document, create);
  const names = settable.map(({ name }) => name);
  const others = fieldsOf(document, read).filter(({ name }) => !names.includes(name));
  return {
    source,
    title: 'Portal settings',
    description: 'Every field of a portal: its name, return URL, branding, APIs, documentation, and who may embed it.',
    keywords: names.join(' '),
    markdown: `A portal is what your users see. It is made with ${link('portal.createConfiguration')} and changed with
${link('portal.updateConfiguration')}, or with \`portico portal create\` and \`portico portal update\` at the
[command line](command-line.md).

${section(
  'What can be set',
  table(
    ['Field', 'Type', 'Description'],
    settable.map((field) => fieldRow(field)),
  ),
)}
${section(
  'What the server adds',
  table(
    ['Field', 'Type', 'Description'],
    others.map((field) => fieldRow(field, { isAnswer: true })),
  ),
)}
${section('Example', jsonBlock(create.examples?.[0]))}`,
  };
}
