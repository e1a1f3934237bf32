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
