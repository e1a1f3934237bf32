import type { BodyLimits } from '../../../../generated/operations.ts';
import { isExact, mayBeInexact, parseWithSource } from '../../domain/exact-json.ts';
import { invalidInput, maxFailures, type ValidationFailure } from '../../problem.ts';
import { checkBodyLimits, locationWithin, shownLocation } from './body-limits.ts';

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

/** The first failures of what is unreadable in a body. Walks without recursion. */
function failuresOf(body: unknown): ValidationFailure[] {
  const failures: ValidationFailure[] = [];
  const open: [value: unknown, location: string][] = [[body, 'body']];
  for (let next = open.pop(); next !== undefined && failures.length < maxFailures; next = open.pop()) {
    const [value, location] = next;
    if (value instanceof Unreadable) {
      failures.push({ location: shownLocation(location), ...value.failure });
    } else if (typeof value === 'object' && value !== null) {
      const members = Object.entries(value).map(([name, member]): [unknown, string] => [
        member,
        locationWithin(location, name, Array.isArray(value)),
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
 * @throws SyntaxError if it is not JSON; Problem invalid_input with the locations of such values, or of what exceeds the limits
 *   of the body
 */
export function parseJson(sent: string, limits: BodyLimits): unknown {
  // A byte order mark may be ignored (RFC 8259, section 8.1).
  const text = sent.startsWith('\uFEFF') ? sent.slice(1) : sent;
  const parsed: unknown = JSON.parse(text);
  // Before the second parser, which calls itself at each level.
  checkBodyLimits(parsed, limits);
  // The quick way of nearly every body.
  if (!surrogateEscape.test(text) && !mayBeInexact(text)) return parsed;
  const body = parseWithSource(text, readable);
  const failures = failuresOf(body);
  if (failures.length > 0) throw invalidInput(...failures);
  return body;
}
