/**
 * Counts as short text: most counts of a minute or a quarter hour are small. The scripts write it (scripts/snippets/usageSeries.lua),
 * and this reads it. A number is written with 32 digits. Its last digit is one of `!` to `@`, and those before it are of `A` to
 * `` ` ``, so that numbers need no separator and can be read from either end: `!` is 0, `@` is 31 and `B!` is 32. In a series, `a`
 * to `~` stand for 1 to 30 zeros. A series begins with the positions of its first and its last number.
 */

const base = 32;
const [lastDigit, otherDigit, gap] = ['!', 'A', 'a'].map((char) => char.charCodeAt(0)) as [number, number, number];

/** The numbers of a text, with gaps as negative numbers. */
function tokensOf(text: string): number[] {
  const tokens: number[] = [];
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= gap) {
      tokens.push(gap - 1 - code);
      continue;
    }
    number = number * base + ((code - lastDigit) % base);
    if (code >= otherDigit) continue;
    tokens.push(number);
    number = 0;
  }
  return tokens;
}

/** The number that a text begins with. */
export const readNumber = (text: string): number => tokensOf(text)[0] ?? 0;

/** The numbers of a series by position, without zeros. */
export function readSeries(text: string): [position: number, count: number][] {
  const [first = 0, _last, ...tokens] = tokensOf(text);
  const counts: [number, number][] = [];
  let position = first;
  for (const token of tokens) {
    if (token > 0) counts.push([position, token]);
    position += token < 0 ? -token : 1;
  }
  return counts;
}

/** The parts of a field of a day. */
export function readDayField(text: string): { total: number; quarters: string; minutes: string } {
  const [head = '', minutes = ''] = text.split(' ');
  const [number = ''] = /^[A-`]*[!-@]/.exec(head) ?? [];
  return { total: readNumber(number), quarters: head.slice(number.length), minutes };
}
