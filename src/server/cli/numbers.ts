/** Numbers in options, within the bounds of the contract. */
import { InvalidArgumentError } from 'commander';
import { durationOf, durationText } from './duration.ts';

/** The bounds of a number in a schema of the contract. */
interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

/** A whole number. @throws InvalidArgumentError, which names the bounds */
export function readWhole(text: string, { minimum, maximum }: Bounds): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= minimum && number <= maximum) return number;
  throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
}

/** A duration, in ms. @throws InvalidArgumentError, which names the bounds */
export function readDuration(text: string, { minimum, maximum }: Bounds): number {
  const ms = durationOf(text) ?? Number.NaN;
  if (ms >= minimum && ms <= maximum) return ms;
  const bounds = `from ${durationText(minimum)} to ${durationText(maximum)}`;
  throw new InvalidArgumentError(`It must be a duration such as 30s, 15m, 12h or 90d, ${bounds}.`);
}

/** The two sides of a slash. @throws InvalidArgumentError */
export function readPair(text: string, example: string): [string, string] {
  const [one, other, more] = text.split('/');
  if (one === undefined || other === undefined || more !== undefined)
    throw new InvalidArgumentError(`Use the form ${example}.`);
  return [one, other];
}
