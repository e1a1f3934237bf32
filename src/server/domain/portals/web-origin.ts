import { PolicyOriginSchema, WebOriginSchema } from '../../../../generated/client/schemas.gen.ts';
import type { ValidationFailure } from '../../problem.ts';
import { textFailures } from '../text.ts';

/** The failures of an origin, which must be spelled as browsers spell it: it is compared. */
export function originFailures(location: string, origin: string): ValidationFailure[] {
  const fix = 'Use an https:// origin without a path, or http:// on localhost, in lower case.';
  // A browser never sends another spelling.
  return textFailures(location, URL.parse(origin)?.origin === origin ? origin : '', WebOriginSchema, fix);
}

/**
 * The same, of an origin that a security policy names. Browsers ignore hosts there that URLs can have: those with `_`, and IPv6
 * addresses (CSP Level 3, section 2.3.1).
 */
export function policyOriginFailures(location: string, origin: string): ValidationFailure[] {
  const fix = 'Use a host of letters, digits, dots and hyphens: browsers accept no other in a security policy.';
  const failures = originFailures(location, origin);
  return failures.length > 0 ? failures : textFailures(location, origin, PolicyOriginSchema, fix);
}

/** The origin of a URL, or undefined if a security policy cannot name it: a host can contain a `;`. */
export function webOriginOf(url: string): string | undefined {
  const origin = URL.parse(url)?.origin;
  return policyOriginFailures('', origin ?? '').length === 0 ? origin : undefined;
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
