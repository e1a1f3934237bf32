import type { BodyLimits } from '../../../../generated/operations.ts';
import { invalidInput, maxFailures, type ValidationFailure } from '../../problem.ts';
import { redactMadeUp } from '../../redact.ts';

const tooDeep = (levels: number) => ({ message: 'is nested too deeply', fix: `Use at most ${levels} levels.` });
const tooMany = (values: number) => ({
  location: 'body',
  message: `must have at most ${values} fields and items in total`,
  fix: 'Send less in one request.',
});
const tooManyItems = (items: number) => ({
  message: `must have at most ${items} items`,
  fix: `Use at most ${items} items.`,
});
const tooLong = (characters: number) => ({
  message: `must have at most ${characters} characters`,
  fix: 'Send a shorter text.',
});
const longName = (characters: number) => ({
  message: `has a name of more than ${characters} characters`,
  fix: 'Use a shorter name.',
});

/** The length in code points. The length in code units is never smaller, and known without counting. */
const isLonger = (text: string, characters: number) => text.length > characters && [...text].length > characters;

/** How much of a location a response shows, in characters. */
const shownLength = 256;

/**
 * The location of a member. It is that of its parent if the name cannot be shown, because it is not well-formed, or if the parent
 * is as long as a response shows: one long name would make the locations of everything below it as long.
 */
export function locationWithin(parent: string, name: string, isItem: boolean): string {
  if (!name.isWellFormed() || parent.length > shownLength) return parent;
  return isItem ? `${parent}[${name}]` : `${parent}.${name}`;
}

/** A location as a response shows it: without what may be a secret, and only the first part of a long one. */
export const shownLocation = (location: string): string => redactMadeUp(location).slice(0, shownLength).toWellFormed();

/**
 * Checks the limits of a body, so that no later step can take longer than the size of the body explains: a validator that
 * copies all failures at each item, one that compares items in pairs, and one that calls itself at each level. Walks without recursion, and
 * stops at the first value or failure too many.
 *
 * @throws Problem invalid_input
 */
export function checkBodyLimits(body: unknown, { levels, values, itemsPerList, characters }: BodyLimits): void {
  const failures: ValidationFailure[] = [];
  const fail = (location: string, failure: Omit<ValidationFailure, 'location'>) =>
    failures.push({ location: shownLocation(location), ...failure });
  const open: [value: unknown, location: string, level: number][] = [[body, 'body', 1]];
  let seen = 0;
  for (let next = open.pop(); next !== undefined && failures.length < maxFailures; next = open.pop()) {
    const [value, location, level] = next;
    if (typeof value === 'string' && isLonger(value, characters)) fail(location, tooLong(characters));
    if (typeof value !== 'object' || value === null) continue;
    if (level > levels) {
      fail(location, tooDeep(levels));
      continue;
    }
    const names = Object.keys(value);
    seen += names.length;
    if (seen > values) throw invalidInput(tooMany(values));
    const isList = Array.isArray(value);
    if (isList && names.length > itemsPerList) {
      fail(location, tooManyItems(itemsPerList));
      continue;
    }
    for (const name of names.reverse()) {
      const within = locationWithin(location, name, isList);
      if (!isList && isLonger(name, characters)) fail(within, longName(characters));
      open.push([(value as Record<string, unknown>)[name], within, level + 1]);
    }
  }
  if (failures.length > 0) throw invalidInput(...failures);
}
