import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The range of public IPv6 addresses. Outside it are only embedded IPv4 addresses and reserved ranges. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** Whether an address is public: not a loopback, private or link-local address, in any notation. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalUnicast));
}

/** A forbidden address, or a name that resolves to one. */
export class RefusedAddress extends Error {}

/**
 * Returns a `lookup` for a connection: it resolves a name and fails if one of the addresses is forbidden. The connection uses
 * the checked addresses and does not resolve the name again, so DNS rebinding cannot change them.
 */
export const guardedLookup =
  (isAllowed: (address: string) => boolean, lookup = systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const [first] = found ?? [];
      if (error !== null) callback(error, '');
      else if (first === undefined || !found.every(({ address }) => isAllowed(address)))
        callback(new RefusedAddress(), '');
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
