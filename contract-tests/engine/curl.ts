/** Quotes a text for a POSIX shell. The suite wrote it, so it holds nothing that a shell could take for more. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The command for curl that sends a request. */
export function curlCommand(method: string, url: string, headers: Record<string, string>, body?: string): string {
  return [
    `curl -X ${method.toUpperCase()} ${quoted(url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--data-raw ${quoted(body)}`]),
  ].join(' \\\n  ');
}
