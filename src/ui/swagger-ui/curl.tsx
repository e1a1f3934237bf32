import type { ComponentType, ReactNode } from 'react';
import { type CurlRequest, curlCommand } from '../curl.ts';

type HighlightCode = ComponentType<{ className: string; canCopy: boolean; children: ReactNode }>;

/** An Immutable map, as far as it is used here. */
interface ImmutableMap {
  get(name: string): unknown;
  entrySeq(): Iterable<[string, unknown]>;
}
const isMap = (value: unknown): value is ImmutableMap =>
  typeof value === 'object' && value !== null && 'entrySeq' in value;

const partOf = (value: unknown) => (value instanceof File ? { file: value.name } : String(value));
/** Swagger UI adds this and a number to a name that occurs several times. */
const nameOf = (key: string) => key.split('_**[]')[0]?.trim() ?? '';

function bodyOf(body: unknown): Pick<CurlRequest, 'body'> {
  if (body === undefined || body === null || body === '') return {};
  if (body instanceof File) return { body: { file: body.name } };
  if (!isMap(body)) return { body: typeof body === 'string' ? body : JSON.stringify(body) };
  return { body: { parts: Array.from(body.entrySeq(), ([key, value]) => [nameOf(key), partOf(value)] as const) } };
}

/**
 * Replaces Swagger UI's command for curl: its quotes are missing around a text that begins with `-`, `/` or `_`, so a document
 * could put commands into it.
 */
export function Curl({
  request,
  getComponent,
}: {
  request?: ImmutableMap;
  getComponent: (name: 'HighlightCode', isContainer: true) => HighlightCode;
}) {
  const headers = request?.get('headers');
  const command =
    request &&
    curlCommand({
      url: String(request.get('url')),
      method: String(request.get('method')),
      headers: isMap(headers) ? Array.from(headers.entrySeq(), ([name, value]) => [name, String(value)] as const) : [],
      ...bodyOf(request.get('body')),
    });
  if (command === undefined) return null;
  const Command = getComponent('HighlightCode', true);
  return (
    <div className="curl-command">
      <h4>Curl</h4>
      <Command className="curl" canCopy>
        {command}
      </Command>
    </div>
  );
}
