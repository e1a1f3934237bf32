/** The names of the parts of responses that have checks of their own: headers, exact texts, and bounds of fields. */

/** The name of a header of every response. */
export const everyHeaderName = (header: string): string => `every response has ${header}`;

/** The name of a header of the responses with this status. */
export const headerName = (status: number, header: string): string => `${status} has ${header}`;

/** The name of the titles of errors. */
export const titlesName = 'every error has the title of its status';

/** The name of the sentence of an error, by the code of the error. */
export const sentenceName = (code: string): string => `${code.split('/').at(-1)} has the sentence of its page`;

/** The name of the bounds of the fields of responses with this status. All errors have the same fields. */
export const boundsName = (status: number): string =>
  status < 400 ? `${status} keeps the bounds of its fields` : 'errors keep the bounds of their fields';

/** A part of a response, and whether it held. */
export interface PartFinding {
  /** The name of its check. */
  name: string;
  failure?: string | undefined;
}
