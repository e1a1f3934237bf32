/** The documentation as it was built into dist/docs, ready to be sent. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { sha256 } from '../../domain/credentials.ts';
import { root } from '../../package.ts';

const site = join(root, 'dist/docs');
/** Scripts and styles, with their hash in their name. */
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

/** The forms that a file can be sent in. */
type Encoding = 'br' | 'gzip' | 'identity';

/** A file, read and compressed once. */
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
    // Addresses of the site, and of calls in samples; not where a text tells of the default.
    const isAddress = /^(\/docs|\/v2\/|\/openapi\.|\/llms|\/sitemap|'|&#x27;)/;
    const [first = '', ...others] = content.toString().split(base);
    content = Buffer.from(first + others.map((text) => (isAddress.test(text) ? own : base) + text).join(''));
  }
  const forms = new Map<Encoding, Buffer>([['identity', content]]);
  return {
    type: types[ending] ?? 'application/octet-stream',
    // Weak: the same for every encoding of it.
    etag: `W/"${sha256(content.toString('latin1')).slice(0, 24)}"`,
    as(encoding) {
      const made =
        forms.get(encoding) ??
        (encoding === 'br'
          ? brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })
          : gzipSync(content));
      forms.set(encoding, made);
      return made;
    },
  };
}

/**
 * Finds the built files, all but the assets. Each is read when it is first asked for, and kept: there are a few megabytes of them.
 *
 * @param ownOrigin takes the place of the origin that the site was built for
 * @returns undefined where nothing was built
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
