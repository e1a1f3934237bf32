/** Renders Markdown as HTML for a strict content security policy: no inline styles, no scripts, colors by class. */
import hljs from 'highlight.js/lib/common';
import MarkdownIt, { type Token } from 'markdown-it';
import anchor from 'markdown-it-anchor';
import { linkTarget, pathOf } from './page.ts';

/** A heading within a page. */
export interface Heading {
  level: number;
  id: string;
  text: string;
}

/** The text under one heading, for the search. */
interface Passage {
  /** undefined for the text above the first heading. */
  heading: Heading | undefined;
  text: string;
}

/** A rendered page. */
export interface Rendered {
  html: string;
  headings: Heading[];
  passages: Passage[];
  /** Images in the page, relative to docs/. */
  images: string[];
}

/** The state of one rendering, shared by the rules. */
type Environment = {
  source: string;
  /** Groups of alternative code blocks so far. */
  groups: number;
  images: Set<string>;
  /** Code blocks that were drawn together with the first block of their group. */
  drawn: Set<Token>;
};
const environmentOf = (env: unknown) => env as Environment;

/** The anchor that GitHub creates for a heading. */
const slug = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

const markdown = new MarkdownIt({ html: false }).use(anchor, {
  level: [2, 3],
  tabIndex: false,
  slugify: slug,
  permalink: anchor.permalink.headerLink(),
});
const { rules } = markdown.renderer;
const { escapeHtml } = markdown.utils;

/** Files outside docs/ that the site serves. */
const outsideFiles: Record<string, string> = {
  '../openapi.yaml': '/openapi.yaml',
  '../openapi.json': '/openapi.json',
  '../llms.txt': '/llms.txt',
  '../llms-full.txt': '/llms-full.txt',
  '../CHANGELOG.md': '/docs/changelog',
};

/** Translates a link in a page to an address on the site. */
export function addressOf(source: string, link: string): string {
  if (/^([a-z]+:|[/#])/.test(link)) return link;
  const [path = '', fragment] = link.split('#');
  const target = linkTarget(source, path);
  const address = outsideFiles[target] ?? (target.endsWith('.md') ? pathOf(target) : `/docs/${target}`);
  return fragment === undefined ? address : `${address}#${fragment}`;
}

for (const [rule, tag] of [
  ['th_open', '<th scope="col">'],
  // The default writes the alignment as a style attribute, which the content security policy blocks.
  ['td_open', '<td>'],
  // A keyboard user must be able to scroll the table.
  ['table_open', '<div class="table" role="group" aria-label="Table" tabindex="0"><table>'],
  ['table_close', '</table></div>'],
] as const) {
  rules[rule] = () => tag;
}
rules['link_open'] = (tokens, at, options, env, renderer) => {
  const token = tokens[at];
  const link = token?.attrGet('href');
  if (token && link) token.attrSet('href', addressOf(environmentOf(env).source, String(link)));
  return renderer.renderToken(tokens, at, options);
};
const { image: renderImage } = rules;
rules['image'] = (tokens, at, options, env, renderer) => {
  const environment = environmentOf(env);
  const token = tokens[at];
  const link = String(token?.attrGet('src') ?? '');
  environment.images.add(linkTarget(environment.source, link));
  token?.attrSet('src', addressOf(environment.source, link));
  token?.attrSet('loading', 'lazy');
  return renderImage?.(tokens, at, options, env, renderer) ?? '';
};

/** The titles of code blocks without a title, by language. */
const languageTitles: Record<string, string> = { sh: 'curl', ts: 'TypeScript', python: 'Python', go: 'Go' };

const infoOf = ({ info }: Token) => ({
  language: info.split(/\s/)[0] ?? '',
  title: /title="([^"]*)"/.exec(info)?.[1],
});

/** The code blocks from here on that show the same in different languages: consecutive blocks with different titles. */
function alternatives(tokens: Token[], at: number): Token[] {
  const found: Token[] = [];
  const titles = new Set<string>();
  for (const token of tokens.slice(at)) {
    const { language, title = languageTitles[language] } = infoOf(token);
    if (token.type !== 'fence' || title === undefined || titles.has(title)) break;
    titles.add(title);
    found.push(token);
  }
  return found;
}

function highlighted(token: Token): string {
  const { language } = infoOf(token);
  const known = hljs.getLanguage(language) !== undefined;
  const html = known ? hljs.highlight(token.content, { language }).value : escapeHtml(token.content);
  return `<pre tabindex="0"><code>${html.trimEnd()}</code></pre>`;
}

/** Draws alternative blocks as tabs. They are radio buttons, so they work without JavaScript. */
rules['fence'] = (tokens, at, _options, env) => {
  const environment = environmentOf(env);
  const token = tokens[at];
  if (token === undefined || environment.drawn.has(token)) return '';
  const blocks = alternatives(tokens, at);
  const { title } = infoOf(token);
  if (blocks.length < 2) {
    const caption = title === undefined ? '' : `<figcaption>${escapeHtml(title)}</figcaption>`;
    return `<figure class="code">${caption}${highlighted(token)}</figure>\n`;
  }
  for (const block of blocks) environment.drawn.add(block);
  const name = `choice-${++environment.groups}`;
  const choices = blocks.map((block, i) => {
    const { language, title: blockTitle = languageTitles[language] ?? '' } = infoOf(block);
    const value = escapeHtml(blockTitle);
    return `<input type="radio" name="${name}" id="${name}-${i}" value="${value}"${i === 0 ? ' checked' : ''}><label for="${name}-${i}">${value}</label>`;
  });
  const panels = blocks.map((block) => `<figure class="code">${highlighted(block)}</figure>`);
  return `<fieldset class="choices"><legend>Show</legend>${choices.join('')}${panels.join('')}</fieldset>\n`;
};

const textOf = ({ children }: Token): string =>
  (children ?? [])
    .map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : type === 'softbreak' ? ' ' : ''))
    .join('');

/** The end of a paragraph or a table cell stays visible in an excerpt. */
const withSeparator = (text: string) => (text === '' || /[.:!?]$/.test(text) ? `${text} ` : `${text} · `);

function passagesOf(tokens: Token[]): { headings: Heading[]; passages: Passage[] } {
  const passages: Passage[] = [{ heading: undefined, text: '' }];
  const headings: Heading[] = [];
  let opened: Token | undefined;
  let isTableHead = false;
  for (const token of tokens) {
    if (token.type === 'heading_open') opened = token;
    if (token.type === 'thead_open' || token.type === 'thead_close') isTableHead = token.type === 'thead_open';
    if (token.type !== 'inline' || isTableHead) continue;
    const last = passages.at(-1);
    if (opened === undefined) {
      if (last !== undefined) last.text += withSeparator(textOf(token));
      continue;
    }
    const heading = { level: Number(opened.tag.slice(1)), id: String(opened.attrGet('id') ?? ''), text: textOf(token) };
    headings.push(heading);
    passages.push({ heading, text: '' });
    opened = undefined;
  }
  return { headings, passages };
}

/**
 * Renders the Markdown of a page.
 *
 * @param source path of the page, relative to the root of the documentation
 */
export function render(source: string, text: string): Rendered {
  const environment: Environment = { source, groups: 0, images: new Set(), drawn: new Set() };
  const tokens = markdown.parse(text, environment);
  const html = markdown.renderer.render(tokens, markdown.options, environment);
  return { html, ...passagesOf(tokens), images: [...environment.images] };
}

/**
 * The Markdown of a page as the server sends it: links are absolute and lead to the Markdown of other pages.
 *
 * @param base origin of the site
 */
export function servedMarkdown(source: string, text: string, base: string): string {
  const blocks = text.split(/^(```[\s\S]*?^```$)/m);
  return blocks
    .map((block, i) => {
      if (i % 2 === 1) return block;
      return block.replaceAll(/\]\(([^)\s]+)\)/g, (whole, link: string) => {
        const address = addressOf(source, link);
        if (!address.startsWith('/')) return whole;
        const [path = '', fragment] = address.split('#');
        const isPage = path.startsWith('/docs') && !/\.\w{3,4}$/.test(path);
        return `](${base}${path}${isPage ? '.md' : ''}${fragment === undefined ? '' : `#${fragment}`})`;
      });
    })
    .join('');
}
