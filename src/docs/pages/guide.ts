/** Pages that somebody has written, as files below docs/. */
import { parse } from 'yaml';
import type { Facts, GuideFact } from '../facts.ts';
import { linkTo, operationSource, type Page } from '../page.ts';
import { code, table } from '../write-markdown.ts';

/** What a guide says of itself, between two lines of dashes at its top. */
interface FrontMatter {
  title: string;
  description: string;
  /** Guides are read in this order. */
  order: number;
}

function frontMatter({ source, text }: GuideFact): FrontMatter & { body: string } {
  const [, head, body] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
  const said = parse(head ?? '') as Partial<FrontMatter> | null;
  const { title, description, order } = said ?? {};
  if (typeof title !== 'string' || typeof description !== 'string' || typeof order !== 'number' || body === undefined)
    throw new Error(`docs/${source}: begins with no front matter of title, description and order`);
  return { title, description, order, body };
}

const proofs = { generated: 'made', compiled: 'made, and compiled', run: 'made, compiled, and run against the server' };

/** A word of a command, as a shell takes it. */
const quoted = (word: string) => (/^[\w./=:,-]+$/.test(word) ? word : `'${word}'`);

/** What a guide may have put in place of a comment of its name, so that nobody writes it by hand. */
const tables: Record<string, (facts: Facts, source: string) => string> = {
  'root-key-permissions': ({ operations }, source) =>
    table(
      ['operation', 'permission', 'what it does'],
      operations.flatMap(({ operationId, summary, 'x-permission': permission }) =>
        permission === undefined
          ? []
          : [[`[${code(operationId)}](${linkTo(source, operationSource(operationId))})`, code(permission), summary]],
      ),
    ),
  clients: ({ clients }) =>
    table(
      ['language', 'made by', 'how far it is proved', 'what to know'],
      clients.map(({ title, generator, version, proves, notes }) => [
        ...[title, `${generator} ${version}`, proofs[proves], notes.join('; ')],
      ]),
    ),
  'client-commands': ({ clients }) => {
    const commands = clients.map(({ title, recipe }) => `# ${title}\n${recipe.map(quoted).join(' ')}\n`);
    return `\`\`\`sh\n${commands.join('\n')}\`\`\``;
  },
};

function withTables(facts: Facts, source: string, markdown: string): string {
  return markdown.replaceAll(/^<!-- table: ([\w-]+) -->$/gm, (_, name: string) => {
    const write = tables[name];
    if (write === undefined) throw new Error(`docs/${source}: no table is called "${name}"`);
    return write(facts, source);
  });
}

/** The title is that of the front matter; a first heading of the file, for those who read it there, is left out. */
const withoutTitle = (markdown: string) => markdown.replace(/^\s*# .*\n/, '');

/** The guides below a folder, or the one file, in their order. */
export function guidePages(facts: Facts, matches: (source: string) => boolean): Page[] {
  return facts.guides
    .filter(({ source }) => matches(source))
    .map((guide) => ({ source: guide.source, ...frontMatter(guide) }))
    .sort((a, b) => a.order - b.order || a.source.localeCompare(b.source))
    .map(({ source, title, description, body }) => ({
      source,
      title,
      description,
      markdown: withTables(facts, source, withoutTitle(body)),
    }));
}

/** What has changed, as the file at the root of the repository has it. */
export const changelogPage = ({ changelog }: Facts): Page => ({
  source: 'changelog.md',
  title: 'Changelog',
  description: 'What has changed in the contract and in the server, by version.',
  markdown: withoutTitle(changelog),
});
