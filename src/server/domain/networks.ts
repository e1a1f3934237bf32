import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** How many bits all IPv6 addresses of one household or server share. */
const sharedBits = 64;

/**
 * The address in a text that a socket or a proxy names a client by. Proxies also send it with a port, in brackets or quotes
 * (RFC 7239, section 6), with a zone, and IPv4 addresses as IPv6 (`::ffff:192.0.2.1`).
 *
 * @returns undefined if it is no IP address
 */
export function addressOf(text: string): string | undefined {
  // Nearly every address. Node takes an IPv4 address in its one usual spelling only.
  if (isIPv4(text)) return text;
  const bare = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .replace(/^\[([^\]]*)\](:\d*)?$/, '$1')
    .replace(/^([\d.]+):\d*$/, '$1')
    .replace(/%.*$/, '');
  // ipaddr.js also accepts short forms: `1.5` would be the address 1.0.0.5.
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare).toString();
}

/**
 * The network that calls from an address are counted for: the address, or the /64 of an IPv6 address, because one client
 * can use every address of it.
 *
 * @param address from the socket or a trusted proxy; all invalid addresses count as one
 */
export function networkOf(address: string | undefined): string {
  const known = addressOf(address ?? '');
  if (known === undefined) return 'unknown';
  if (isIPv4(known)) return known;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${known}/${sharedBits}`)}/${sharedBits}`;
}

/**
 * A range of addresses in its one usual spelling: `192.0.2.0/24`, `2001:db8::/32`, and `192.0.2.7/32` for a single address.
 * A range of IPv4 addresses in IPv6 (`::ffff:192.0.2.0/120`) becomes one of IPv4 addresses, as their clients do.
 *
 * @returns undefined if it is no range in CIDR notation (RFC 4632), or if bits after its length are not zero
 */
export function rangeOf(text: string): string | undefined {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || length === '') return undefined;
  const all = family === 4 ? 32 : 128;
  const bits = Number(length ?? all);
  if (!(bits <= all)) return undefined;
  const parsed = ipaddr.parse(address);
  const first = family === 4 ? ipaddr.IPv4 : ipaddr.IPv6;
  if (first.networkAddressFromCIDR(`${address}/${bits}`).toNormalizedString() !== parsed.toNormalizedString()) {
    return undefined;
  }
  const isMapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? `${parsed.toIPv4Address()}/${bits - 96}` : `${parsed}/${bits}`;
}

/** Whether all addresses of one range are in another. Both are as `rangeOf` returns them. */
export function isWithin(inner: string, outer: string): boolean {
  const [first, innerBits] = ipaddr.parseCIDR(inner);
  const [network, outerBits] = ipaddr.parseCIDR(outer);
  return first.kind() === network.kind() && innerBits >= outerBits && first.match(network, outerBits);
}
