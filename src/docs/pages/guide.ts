/** Handwritten pages: the files in docs/, and the changelog. */
import { parse } from 'yaml';
import type { Facts, GuideFact } from '../facts.ts';
import { linkTo, operationSource, type Page } from '../page.ts';
import { code, table } from '../write-markdown.ts';

/** The metadata at the top of a guide, between two lines of dashes. */
interface FrontMatter {
  title: string;
  description: string;
  /** Position in the navigation, lowest first. */
  order: number;
  /** The group within the folder, if the folder has groups. */
  group?: string;
}

function frontMatter({ source, text }: GuideFact): FrontMatter & { body: string } {
  const [, head, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  const values = parse(head ?? '') as Partial<FrontMatter> | null;
  const { title, description, order, group } = values ?? {};
  if (typeof title !== 'string' || typeof description !== 'string' || typeof order !== 'number' || body === undefined)
    throw new Error(`docs/${source}: needs front matter with title, description and order`);
  return { title, description, order, body, ...(group !== undefined && { group }) };
}

const verification = {
  generated: 'generated',
  compiled: 'generated, compiled',
  run: 'generated, compiled, run against the server',
};

/** Quotes a word of a shell command if necessary. */
const shellQuoted = (word: string) => (/^[\w./=:,-]+$/.test(word) ? word : `'${word}'`);

/** How many promises of a level a client held, of those that it could be judged by. */
function heldOf({ clientPromises, judgedClients }: Facts, level: string): string[] {
  const own = clientPromises.filter((promise) => promise.level === level);
  return judgedClients.map(({ outcomes }) => {
    const count = (outcome: string) => own.filter(({ id }) => outcomes[id] === outcome).length;
    return `${count('held')} of ${own.length - count('unsupported')}`;
  });
}

/** The promises of a level with the result of each client. */
const judgement = (facts: Facts, level: string): string =>
  table(
    ['Promise', ...facts.judgedClients.map(({ title }) => title)],
    facts.clientPromises
      .filter((promise) => promise.level === level)
      .map(({ id, name, source }) => {
        const shown = { held: 'yes', broken: '**no**', unsupported: '–' } as Record<string, string>;
        const outcomes = facts.judgedClients.map(({ outcomes }) => shown[outcomes[id] ?? ''] ?? '');
        return [`${name} (${source})`, ...outcomes];
      }),
  );

/** Generated tables. Each replaces the comment `<!-- table: name -->` in a guide. */
const tables: Record<string, (facts: Facts, source: string) => string> = {
  'root-key-permissions': ({ operations }, source) =>
    table(
      ['Operation', 'Permission', 'Purpose'],
      operations.flatMap(({ operationId, summary, 'x-permission': permission }) =>
        permission === undefined
          ? []
          : [[`[${code(operationId)}](${linkTo(source, operationSource(operationId))})`, code(permission), summary]],
      ),
    ),
  browsers: ({ browsers }) =>
    table(
      ['Browser', 'From version'],
      browsers.map(({ name, from }) => [name, from]),
    ),
  clients: ({ clients }) =>
    table(
      ['Language', 'Generator', 'Verified', 'Notes'],
      clients.map(({ title, generator, version, verified, notes }) => [
        ...[title, `${generator} ${version}`, verification[verified], notes.join('; ')],
      ]),
    ),
  'judged-clients': (facts) => {
    const [must, should] = [heldOf(facts, 'must'), heldOf(facts, 'should')];
    return table(
      ['Client', 'Made by', 'Must', 'Should'],
      facts.judgedClients.map(({ title, made }, i) => [title, made, must[i] ?? '', should[i] ?? '']),
    );
  },
  'client-must': (facts) => judgement(facts, 'must'),
  'client-should': (facts) => judgement(facts, 'should'),
  'client-commands': ({ clients }) => {
    const commands = clients.map(({ title, recipe }) => `# ${title}\n${recipe.map(shellQuoted).join(' ')}\n`);
    return `\`\`\`sh\n${commands.join('\n')}\`\`\``;
  },
};

function withTables(facts: Facts, source: string, markdown: string): string {
  return markdown.replaceAll(/^<!-- table: ([\w-]+) -->$/gm, (_, name: string) => {
    const write = tables[name];
    if (write === undefined) throw new Error(`docs/${source}: table "${name}" does not exist`);
    return write(facts, source);
  });
}

/** A guide with this comment has the live example of themes. */
const themeMark = '<!-- example: theme -->\n';

/** Removes the first heading, which repeats the title for readers of the file. */
const withoutTitle = (markdown: string) => markdown.replace(/^\s*# .*\n/, '');

/**
 * The guides in the order of the navigation.
 *
 * @param matches selects guides by their source
 * @throws Error if a guide has no front matter or names an unknown table
 */
export function guidePages(facts: Facts, matches: (source: string) => boolean): Page[] {
  return facts.guides
    .filter(({ source }) => matches(source))
    .map((guide) => ({ source: guide.source, ...frontMatter(guide) }))
    .sort((a, b) => a.order - b.order || a.source.localeCompare(b.source))
    .map(({ source, title, description, group, body }) => ({
      ...{ source, title, description },
      ...(group !== undefined && { group }),
      markdown: withTables(facts, source, withoutTitle(body)).replace(themeMark, ''),
      ...(body.includes(themeMark) && { needs: 'theme' as const }),
    }));
}

/** The page of CHANGELOG.md. */
export const changelogPage = ({ changelog }: Facts): Page => ({
  source: 'changelog.md',
  title: 'Changelog',
  description: 'Changes to the contract and the server, by version.',
  markdown: withoutTitle(changelog),
});
