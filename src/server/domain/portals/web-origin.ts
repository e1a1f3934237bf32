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

/**
 * Whether a browser on a page of `own` may take the other origin for the same. It is also the same with a dot after its host,
 * and with the other scheme, because `upgrade-insecure-requests` changes `http` to `https`.
 */
export function isSameServer(origin: string, own: string): boolean {
  const [a, b] = [new URL(origin), new URL(own)];
  a.protocol = b.protocol;
  for (const url of [a, b]) url.hostname = url.hostname.replace(/\.+$/, '');
  return a.origin === b.origin;
}
