/** The idempotency key of one exchange, as the server derives a token from it: 128 random bits. */
export function newExchangeKey(): string {
  // Unlike randomUUID this is also available over plain http.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
