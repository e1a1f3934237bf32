/** The pages of the settings: environment variables, command line, fields of a portal. */
import type { CommandFact, Facts } from '../facts.ts';
import { linkTo, operationSource, type Page } from '../page.ts';
import { fieldRow, fieldsOf } from '../schema-fields.ts';
import { code, codeBlock, jsonBlock, section, table } from '../write-markdown.ts';

/** The table of environment variables. */
export const settingsTable = ({ settings }: Pick<Facts, 'settings'>): string =>
  table(
    ['Variable', 'Default', 'Description'],
    settings.map(({ name, description, default: value = 'none' }) => [code(name), value, description]),
  );

/** The page of environment variables. */
export function environmentPage(facts: Facts): Page {
  const ofCommandLine = facts.settings.filter((setting) => setting.ofCommandLine).map(({ name }) => code(name));
  return {
    source: 'configuration/environment.md',
    title: 'Environment variables',
    description: 'Every environment variable that the server reads, with its default and its purpose.',
    keywords: facts.settings.map(({ name }) => name).join(' '),
    markdown: `The server reads its settings from the environment once, when it starts. An empty variable counts as unset. If a
value is invalid, the server does not start, and prints one sentence that names the variable.

${settingsTable(facts)}
The command line also reads ${ofCommandLine.join(', ')}. \`portico doctor\` checks all variables.
`,
  };
}

const command = ({ name, description, options, examples }: CommandFact): string =>
  section(
    `portico ${name}`,
    `${description}

${table(
  ['Option', 'Description'],
  options.map(({ flags, description: text, required, default: value }) => [
    [code(flags), required ? '**required**' : ''].filter(Boolean).join(' '),
    [text, value === undefined ? '' : `(default: ${code(value)})`].filter(Boolean).join(' '),
  ]),
)}
${examples.length === 0 ? '' : codeBlock('sh', examples.join('\n'))}`,
    3,
  );

/** The page of the commands. */
export function commandLinePage({ commandLine }: Facts): Page {
  const groups = commandLine.groups.map(({ name, description, commands }) =>
    section(name, `${description}\n\n${commands.map(command).join('')}`),
  );
  return {
    source: 'configuration/command-line.md',
    title: 'Command line',
    description: commandLine.description,
    keywords: commandLine.groups.flatMap(({ commands }) => commands.map(({ name }) => `portico ${name}`)).join(' '),
    markdown: `${commandLine.description} It connects to the Redis of \`REDIS_URL\` and does not need a running server. Every
command has the options \`--help\` and \`--json\`, which prints one line of JSON.

${codeBlock('sh', commandLine.examples.join('\n'))}
${groups.join('')}`,
  };
}

/** The page of the fields of a portal. */
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
    description:
      'Every field of a portal: name, return URL, branding, APIs, documentation, and the sites that can embed it.',
    keywords: names.join(' '),
    markdown: `A portal is what your users see. Create it with ${link('portal.createConfiguration')} and change it with
${link('portal.updateConfiguration')}, or use \`portico portal create\` and \`portico portal update\` on the
[command line](command-line.md).

${section(
  'Fields that you set',
  table(
    ['Field', 'Type', 'Description'],
    settable.map((field) => fieldRow(field)),
  ),
)}
${section(
  'Fields that the server adds',
  table(
    ['Field', 'Type', 'Description'],
    others.map((field) => fieldRow(field, { isResponse: true })),
  ),
)}
${section('Example', jsonBlock(create.examples?.[0]))}`,
  };
}
