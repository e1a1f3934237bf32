import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Where the internet's own addresses of version 6 are. Outside of it are ways to write those of version 4, and nothing. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** Whether an address is one of the internet: no loopback, no private network, no link, no way to write such a one. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(globalUnicast));
}

/** An address that may not be asked, or a name that stands for one. */
export class RefusedAddress extends Error {}

/**
 * Resolves a name, and refuses one that stands for any address that may not be asked. Given to a connection as its
 * `lookup`, it is what the connection goes to that was looked at: the name is not resolved a second time, when it may
 * stand for something else.
 */
export const guardedLookup =
  (mayAsk: (address: string) => boolean, lookup = systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      const [first] = found ?? [];
      if (error !== null) callback(error, '');
      else if (first === undefined || !found.every(({ address }) => mayAsk(address)))
        callback(new RefusedAddress(), '');
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
