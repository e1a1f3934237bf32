import { isExact, mayBeInexact, parseWithSource } from '../../domain/exact-json.ts';
import { invalidInput, type ValidationFailure } from '../../problem.ts';
import { redactMadeUp } from '../../redact.ts';

/** The escape of half a surrogate pair, or of a whole one. Only an escape can contain a half: UTF-8 has none. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/** Stands in the place of a value that JavaScript or Redis would change. */
class Unreadable {
  readonly failure: Omit<ValidationFailure, 'location'>;

  constructor(message: string, fix: string) {
    this.failure = { message, fix };
  }
}

const halfPair = new Unreadable('has half a surrogate pair', 'Send whole characters: a pair of escapes, or UTF-8.');
const longNumber = new Unreadable('is a number that a double cannot hold exactly', 'Send it as a string.');

function readable(name: string, value: unknown, { source }: { source?: string }): unknown {
  if (!name.isWellFormed()) return halfPair;
  if (typeof value === 'string') return value.isWellFormed() ? value : halfPair;
  return typeof value !== 'number' || isExact(source ?? '') ? value : longNumber;
}

/** The location of a member. A name that is not well-formed cannot be shown, so its place is that of its parent. */
function within(parent: string, name: string, isItem: boolean): string {
  if (!name.isWellFormed()) return parent;
  return isItem ? `${parent}[${name}]` : `${parent}.${name}`;
}

/** The failures of everything unreadable in a body. Walks without recursion. */
function failuresOf(body: unknown): ValidationFailure[] {
  const failures: ValidationFailure[] = [];
  const open: [value: unknown, location: string][] = [[body, 'body']];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, location] = next;
    if (value instanceof Unreadable) {
      failures.push({ location: redactMadeUp(location).slice(0, 256).toWellFormed(), ...value.failure });
    } else if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(([name, member]): [unknown, string] => [
        member,
        within(location, name, Array.isArray(value)),
      ]);
      open.push(...members.reverse());
    }
  }
  return failures;
}

/**
 * Parses a JSON text, and refuses what would be another value from then on: half a surrogate pair (RFC 8259, section 8.2),
 * which would become the replacement character, so that two users were the same; and a number beyond doubles (section 6).
 *
 * @throws SyntaxError or RangeError if it is not JSON; Problem invalid_input with the location of every such value
 */
export function parseJson(sent: string): unknown {
  // A byte order mark may be ignored (RFC 8259, section 8.1).
  const text = sent.startsWith('\uFEFF') ? sent.slice(1) : sent;
  // The quick way of nearly every body.
  if (!surrogateEscape.test(text) && !mayBeInexact(text)) return JSON.parse(text);
  const body = parseWithSource(text, readable);
  const failures = failuresOf(body);
  if (failures.length > 0) throw invalidInput(...failures);
  return body;
}
