import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** How much of an IPv6 address is the same for all of one household or server. */
const sharedBits = 64;

/**
 * Whom calls from an address are counted for: the address, or of IPv6 its /64, of which anyone has every address.
 *
 * @param address as the socket or a trusted proxy tells it; what is none counts as one
 */
export function networkOf(address: string | undefined): string {
  if (address !== undefined && isIPv4(address)) return address;
  if (address === undefined || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${sharedBits}`)}/${sharedBits}`;
}
