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
The command line also reads ${ofCommandLine.join(', ')}. \`npx portico doctor\` checks all variables.
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
    markdown: `${commandLine.description} It connects to the Redis of \`REDIS_URL\` and does not need a running server.

Run it with \`npx portico\` in the project's folder, after \`npm ci\`. \`npm run -s portico --\` does the same. In the image it is
\`portico\`.

${codeBlock('sh', commandLine.examples.join('\n'))}
Every command has these options. Times are in your time zone, except in JSON.

${table(
  ['Option', 'Description'],
  [
    [code('--help'), 'prints the options and examples of the command'],
    [
      code('--json'),
      'prints one line of JSON; an error is one line of JSON on stderr: `{"error":{"code","message","errors"}}`',
    ],
  ],
)}
A command that deletes something or ends sessions asks for confirmation. \`--yes\` confirms it in advance; without a terminal, such a
command needs it. A name that does not exist is an error, except the id of a user: Portico stores no users.

${table(
  ['Exit code', 'Meaning'],
  Object.entries(commandLine.exitCodes).map(([exitCode, meaning]) => [code(exitCode), meaning]),
)}
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
${link('portal.updateConfiguration')}, or use \`npx portico portal create\` and \`npx portico portal update\` on the
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
