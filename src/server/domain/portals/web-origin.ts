import { WebOriginSchema } from '../../../../generated/client/schemas.gen.ts';
import type { ValidationFailure } from '../../problem.ts';
import { textFailures } from '../text-rules.ts';

/** What is wrong with an origin that must stand as browsers write it, in a comparison or in a security policy. */
export function originFailures(location: string, origin: string): ValidationFailure[] {
  const fix = 'Use an https:// origin without a path, or http:// on localhost, in lower case.';
  // Another spelling would never match what a browser says.
  return textFailures(location, URL.parse(origin)?.origin === origin ? origin : '', WebOriginSchema, fix);
}

/** The origin of a URL, or undefined where it has none that may stand in a security policy: a host may hold a `;`. */
export function webOriginOf(url: string): string | undefined {
  const origin = URL.parse(url)?.origin;
  return origin !== undefined && originFailures('', origin).length === 0 ? origin : undefined;
}
