import type { Request } from 'express';

/** The host that a request was sent to, in lower case and without its port (RFC 9110, section 7.2); '' if there is none. */
export const hostnameOf = ({ headers }: Pick<Request, 'headers'>): string =>
  URL.parse(`http://${headers.host ?? ''}`)?.hostname.replace(/\.$/, '') ?? '';
