/** Functions that write Markdown, for the generated pages. */

/** A text on one line, for table cells and list items. */
export const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, ' ');

/** A code span. The text can contain backticks. */
export function code(text: string): string {
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** A code block. Consecutive blocks with titles become tabs. */
export const codeBlock = (language: string, text: string, title?: string): string =>
  `\`\`\`${language}${title === undefined ? '' : ` title="${title}"`}\n${text.trimEnd()}\n\`\`\`\n`;

/** A code block of indented JSON. */
export const jsonBlock = (value: unknown, title?: string): string =>
  codeBlock('json', JSON.stringify(value, null, 2), title);

/** A table; empty without rows. */
export function table(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => oneLine(cell).replaceAll(/(?<!\\)\|/g, '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** A list; empty without items. */
export const list = (items: string[]): string => items.map((item) => `- ${oneLine(item)}\n`).join('');

/** A numbered list. */
export const steps = (items: string[]): string => items.map((item, i) => `${i + 1}. ${oneLine(item)}\n`).join('');

/** A section with its heading; empty without content. */
export const section = (title: string, content: string, level = 2): string =>
  content.trim() === '' ? '' : `${'#'.repeat(level)} ${title}\n\n${content.trim()}\n\n`;

/** The first sentence of a text, without Markdown syntax. */
export function firstSentence(text: string): string {
  const [sentence = ''] = oneLine(text).split(/(?<=[.!?])\s/);
  return plain(sentence);
}

/** A text without Markdown syntax. */
export const plain = (text: string): string =>
  oneLine(text)
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]+/g, '');
