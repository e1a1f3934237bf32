/**
 * A new random idempotency key of 128 bits. The client creates one for each call; create your own to repeat a call later.
 *
 * `crypto.randomUUID` is not an alternative: browsers have it on https pages only.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
