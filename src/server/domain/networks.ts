import ipaddr from 'ipaddr.js';

/** How many bits all IPv6 addresses of one household or server share. */
const sharedBits = 64;

/**
 * The network that calls from an address are counted for: the address, or the /64 of an IPv6 address, because one client
 * can use every address of it.
 *
 * @param address from the socket or a trusted proxy; all invalid addresses count as one
 */
export function networkOf(address: string | undefined): string {
  const text = address ?? '';
  if (!ipaddr.isValid(text)) return 'unknown';
  const parsed = ipaddr.process(text);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/${sharedBits}`)}/${sharedBits}`;
}
