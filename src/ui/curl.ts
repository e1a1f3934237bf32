/**
 * Commands for curl in a POSIX shell. The texts in them come from a document that is not trusted, and people paste them into
 * interactive shells.
 */

/** Whether this is a token (RFC 9110, section 5.6.2), as the name of a header and a method must be. */
export const isToken = (text: string): boolean => /^[!#$%&'*+.^_`|~\w-]+$/.test(text);

/** What a terminal, an editor or a reader takes for something else: control, format and bidi characters, and line separators. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Whether every character of a text is one that people see, or a space. */
export const isVisible = (text: string): boolean => !invisible.test(text);

const octal = (character: string) =>
  Array.from(new TextEncoder().encode(character), (byte) => `\\0${byte.toString(8).padStart(3, '0')}`).join('');

/** The operand of `printf %b` for a text (POSIX.1-2024, printf), in single quotes. A command cannot hold NUL. */
const printfOperand = (text: string): string =>
  `'${text.replaceAll('\0', '').replaceAll(/[\\!^']|[\p{C}\p{Zl}\p{Zp}]/gu, octal)}'`;

/**
 * Whether a text can stand in single quotes. Nothing is special in them, but older shells expand `!` and `^` from the history
 * (bash(1), HISTORY EXPANSION) after a line break or an escaped quote, because they look for quotes in each line alone.
 */
const fitsQuotes = (text: string): boolean =>
  isVisible(text.replaceAll('\n', '')) && !(/[!^]/.test(text) && /['\n]/.test(text));

/** Quotes a text of one line for a POSIX shell, so that it arrives unchanged, also in an interactive shell. */
export const shellText = (text: string): string =>
  fitsQuotes(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"$(printf '%b' ${printfOperand(text)})"`;

/**
 * A URL as curl reads it, in ASCII: without credentials, fragment, characters that are special in some shell and that a URL can
 * write otherwise, and brackets and braces, which curl expands to several URLs. Undefined if it is not http or https.
 */
export function curlUrl(address: string): string | undefined {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const encode = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return url.origin + (url.pathname + url.search).replaceAll(/[^\w.~%/:@&=+,;?$()*-]/g, encode);
}

/** A request that a command repeats. */
export interface CurlRequest {
  url: string;
  method: string;
  headers: readonly (readonly [name: string, value: string])[];
  /** A text, a file of the user by its name, or the parts of a form. */
  body?: string | { file: string } | { parts: (readonly [name: string, value: string | { file: string }])[] };
}

/** A file name as curl reads it in `--form` (curl(1)): in double quotes, where `\` and `"` are escaped. */
const formFile = (name: string) => `@"${name.replaceAll(/["\\]/g, '\\$&')}"`;

function bodyOptions(body: CurlRequest['body']): string[] {
  if (body === undefined) return [];
  // `--data` would read a file if the text begins with @.
  if (typeof body === 'string') return [`--data-raw ${shellText(body)}`];
  if ('file' in body) return [`--data-binary ${shellText(`@${body.file}`)}`];
  return body.parts.map(([name, value]) =>
    typeof value === 'string'
      ? `--form-string ${shellText(`${name}=${value}`)}`
      : `--form ${shellText(`${name}=${formFile(value.file)}`)}`,
  );
}

/**
 * The command that sends this request; undefined if the URL or the method is none. Headers that HTTP does not allow are left out.
 */
export function curlCommand({ url, method, headers, body }: CurlRequest): string | undefined {
  const address = curlUrl(url);
  if (address === undefined || !isToken(method)) return undefined;
  const isForm = typeof body === 'object' && 'parts' in body;
  const sent = headers
    .filter(([name, value]) => isToken(name) && !/[\0\r\n]/.test(value))
    // curl chooses the boundary between the parts.
    .filter(([name]) => !(isForm && name.toLowerCase() === 'content-type'))
    .map(([name, value]) => `-H ${shellText(`${name}: ${value}`)}`);
  const isPiped = typeof body === 'string' && !fitsQuotes(body);
  const sending = isPiped ? ['--data-binary @-'] : bodyOptions(body);
  const command = [`curl -X ${shellText(method)} ${shellText(address)}`, ...sent, ...sending].join(' \\\n  ');
  // Command substitution would drop line breaks at the end.
  return isPiped ? `printf '%b' ${printfOperand(body)} | ${command}` : command;
}
