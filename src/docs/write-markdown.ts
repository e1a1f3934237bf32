/** Small writers of Markdown, for pages that are made from facts. */

/** Text on one line, as a cell of a table or an item of a list has it. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');

/** A code span of a text that may hold backticks itself. */
export function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** A block of code. Blocks with titles that follow each other are choices of which one is shown. */
export const codeBlock = (language: string, text: string, title?: string): string =>
  `\`\`\`${language}${title === undefined ? '' : ` title="${title}"`}\n${text.trimEnd()}\n\`\`\`\n`;

/** JSON as people read it. */
export const jsonBlock = (value: unknown, title?: string): string =>
  codeBlock('json', JSON.stringify(value, null, 2), title);

/** A table; nothing where it has no rows. */
export function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => oneLine(cell).replaceAll(/(?<!\\)\|/g, '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** A list; nothing where it has no items. */
export const list = (items: string[]): string => items.map((item) => `- ${oneLine(item)}\n`).join('');

/** A list of steps. */
export const steps = (items: string[]): string => items.map((item, i) => `${i + 1}. ${oneLine(item)}\n`).join('');

/** A section with its heading; nothing where it has no content. */
export const section = (title: string, content: string, level = 2): string =>
  content.trim() === '' ? '' : `${'#'.repeat(level)} ${title}\n\n${content.trim()}\n\n`;

/** A first sentence, for where there is room for one alone, without Markdown's marks. */
export function firstSentence(text: string): string {
  const [sentence = ''] = oneLine(text).split(/(?<=[.!?])\s/);
  return plain(sentence);
}

/** Text without Markdown's marks. */
export const plain = (text: string): string =>
  oneLine(text)
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]+/g, '');
