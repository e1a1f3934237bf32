import { WebOriginSchema } from '../../../../generated/client/schemas.gen.ts';
import type { ValidationFailure } from '../../problem.ts';
import { textFailures } from '../text.ts';

/** The failures of an origin, which must be spelled as browsers spell it: it is compared, and used in security policies. */
export function originFailures(location: string, origin: string): ValidationFailure[] {
  const fix = 'Use an https:// origin without a path, or http:// on localhost, in lower case.';
  // A browser never sends another spelling.
  return textFailures(location, URL.parse(origin)?.origin === origin ? origin : '', WebOriginSchema, fix);
}

/** The origin of a URL, or undefined if it has none that is safe in a security policy: a host can contain a `;`. */
export function webOriginOf(url: string): string | undefined {
  const origin = URL.parse(url)?.origin;
  return originFailures('', origin ?? '').length === 0 ? origin : undefined;
}
