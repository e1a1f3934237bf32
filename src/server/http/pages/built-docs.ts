/** The built documentation of dist/docs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { sha256 } from '../../domain/credentials.ts';
import { root } from '../../package.ts';

const site = join(root, 'dist/docs');
/** Scripts and styles; their names contain a hash. */
export const docsAssetsDirectory = join(site, 'docs/assets');

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  json: 'application/json; charset=utf-8',
  yaml: 'application/yaml; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
};

/** The supported content encodings. */
type Encoding = 'br' | 'gzip' | 'identity';

/** A file. It is read and compressed once. */
export interface BuiltFile {
  type: string;
  etag: string;
  as(encoding: Encoding): Buffer;
}

const endingOf = (name: string) => name.split('.').at(-1) ?? '';

function prepare(name: string, base: string, own: string): BuiltFile {
  const ending = endingOf(name);
  let content = readFileSync(join(site, name));
  if (base !== own && ['html', 'md', 'txt', 'xml'].includes(ending)) {
    // Replaces the origin in links of the site and in calls of samples, not where a text mentions the default origin.
    const isAddress = /^(\/docs|\/v2\/|\/openapi\.|\/llms|\/sitemap|'|&#x27;)/;
    const [first = '', ...others] = content.toString().split(base);
    content = Buffer.from(first + others.map((text) => (isAddress.test(text) ? own : base) + text).join(''));
  }
  const forms = new Map<Encoding, Buffer>([['identity', content]]);
  return {
    type: types[ending] ?? 'application/octet-stream',
    // Weak, because all encodings share it.
    etag: `W/"${sha256(content.toString('latin1')).slice(0, 24)}"`,
    as(encoding) {
      const encoded =
        forms.get(encoding) ??
        (encoding === 'br'
          ? brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })
          : gzipSync(content));
      forms.set(encoding, encoded);
      return encoded;
    },
  };
}

/**
 * Finds the built files, except the assets. Each file is read at its first request and stays in memory, a few megabytes in total.
 *
 * @param ownOrigin replaces the origin that the site was built for
 * @returns undefined if the documentation is not built
 */
export function builtDocs(ownOrigin: string): ((name: string) => BuiltFile | undefined) | undefined {
  if (!existsSync(join(site, 'site.json'))) return undefined;
  const { base }: { base: string } = JSON.parse(readFileSync(join(site, 'site.json'), 'utf8'));
  const entries = readdirSync(site, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = new Set(entries.map(({ parentPath, name }) => join(parentPath, name).slice(site.length + 1)));
  const files = new Map<string, BuiltFile>();
  return (name) => {
    if (!names.has(name)) return undefined;
    const file = files.get(name) ?? prepare(name, base, ownOrigin);
    files.set(name, file);
    return file;
  };
}
