/**
 * The return URL with the query parameter that asks the customer's application for a new session. Everything else stays as it
 * is, byte for byte, because the application may have signed it. An earlier `reason` is removed: an application reads the first.
 */
export function withExpiredReason(returnUrl: string): string {
  const [, beforeQuery = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(returnUrl) ?? [];
  const isReason = (parameter: string) => new URLSearchParams(parameter).has('reason');
  const others = query === '' ? [] : query.split('&').filter((parameter) => !isReason(parameter));
  return `${beforeQuery}?${[...others, 'reason=session_expired'].join('&')}${fragment}`;
}
