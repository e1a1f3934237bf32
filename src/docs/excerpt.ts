/** Shortens a text to the part that matches a query, and splits it into matching and other parts. */

/** A part of a text. */
export interface Part {
  text: string;
  isMatch: boolean;
}

/** Characters before the first match of an excerpt. */
const maxLead = 50;
/** Characters of an excerpt. */
const maxLength = 170;

/** Finds terms as whole words, or as parts of names such as `MAX_KEYS`; undefined without a term. */
function patternOf(terms: readonly string[]): RegExp | undefined {
  const escaped = [...new Set(terms)]
    .filter(Boolean)
    .sort((a, b) => b.length - a.length)
    .map((term) => term.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (escaped.length === 0) return undefined;
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}

/**
 * Splits a text at the words that match.
 *
 * @param terms the words, in any case
 */
export function markMatches(text: string, terms: readonly string[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  const pattern = patternOf(terms);
  for (const { index, 0: match } of pattern === undefined ? [] : text.matchAll(pattern)) {
    if (index > at) parts.push({ text: text.slice(at, index), isMatch: false });
    parts.push({ text: match, isMatch: true });
    at = index + match.length;
  }
  if (at < text.length) parts.push({ text: text.slice(at), isMatch: false });
  return parts;
}

/** The start of the excerpt that contains the most different terms. */
function bestStart(text: string, terms: readonly string[]): number {
  const pattern = patternOf(terms);
  const matches = pattern === undefined ? [] : [...text.matchAll(pattern)];
  const different = (from: number) =>
    new Set(
      matches
        .filter(({ index }) => index >= from && index < from + maxLength - maxLead)
        .map(([match]) => match.toLowerCase()),
    ).size;
  let best = { start: 0, count: 0 };
  for (const { index } of matches) {
    const count = different(index);
    if (count > best.count) best = { start: index, count };
  }
  return best.start;
}

/**
 * The part of a text around the words that match; the beginning of the text if none does.
 *
 * @param terms the words, in any case
 */
export function excerptOf(text: string, terms: readonly string[]): Part[] {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const start = bestStart(line, terms);
  const from = start <= maxLead ? 0 : Math.min(line.indexOf(' ', start - maxLead) + 1, start);
  const rest = line.slice(from);
  const end = rest.lastIndexOf(' ', maxLength);
  const shortened = rest.length <= maxLength ? rest : `${rest.slice(0, end > 0 ? end : maxLength)} …`;
  return markMatches(`${from === 0 ? '' : '… '}${shortened}`, terms);
}
