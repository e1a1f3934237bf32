/** Serves the built documentation, as HTML for people and as Markdown for programs. */
import { type Request, type Response, Router } from 'express';
import type { Logger } from 'pino';
import sirv from 'sirv';
import { wantsHtml } from '../request.ts';
import { setPagePolicy } from '../security-headers.ts';
import { type BuiltFile, builtDocs, docsAssetsDirectory } from './built-docs.ts';
import { hostOfPage } from './hosts.ts';

/** The page with the viewer of OpenAPI documents. Descriptions can contain `data:` images. */
const tryPath = '/docs/reference/try';
const markdown = 'text/markdown';

/** A loop, because `/\/+$/` takes quadratic time for many slashes before another character. */
function withoutSlashesAtEnd(path: string): string {
  let { length } = path;
  while (path[length - 1] === '/') length -= 1;
  return path.slice(0, length);
}

/** `/docs` → `docs/index`, `/docs/quickstart` → `docs/quickstart`. */
const nameOf = (path: string) => (path === '/docs' ? 'docs/index' : path.slice(1));

function send(req: Request, res: Response, { type, etag, as }: BuiltFile, status = 200): void {
  // The browser revalidates it each time; the server sends it only if it has changed.
  res
    .status(status)
    .vary('Accept-Encoding')
    .set({ 'Content-Type': type, ETag: etag, 'Cache-Control': 'public, no-cache' });
  if (status === 200 && req.fresh) {
    res.status(304).end();
    return;
  }
  const encoding = (['br', 'gzip'] as const).find((name) => req.acceptsEncodings(name)) ?? 'identity';
  if (encoding !== 'identity') res.set('Content-Encoding', encoding);
  res.send(as(encoding));
}

/** Serves the documentation. If it is not built, logs a warning and serves nothing. */
export function docsPages(portalBaseUrl: string, log: Logger): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const find = builtDocs(portalBaseUrl);
  if (find === undefined) {
    log.warn('the documentation is not served because it is not built: run npm run build');
    return router;
  }

  // The documentation is for operators: the host of a portal is for its users.
  router.use((_req, res, next) => next(hostOfPage(res).owner === undefined ? undefined : 'router'));

  for (const name of ['openapi.yaml', 'openapi.json', 'llms.txt', 'llms-full.txt', 'sitemap.xml', 'robots.txt']) {
    router.get(`/${name}`, (req, res, next) => {
      const file = find(name);
      if (file === undefined) next();
      else send(req, res, file);
    });
  }

  router.use(
    '/docs/assets',
    sirv(docsAssetsDirectory, { immutable: true, maxAge: 31_536_000, brotli: true, gzip: true }),
  );

  router.get(['/docs', '/docs.md', '/docs/{*path}'], (req, res, next) => {
    const { path } = req;
    if (path.endsWith('/')) {
      res.redirect(301, withoutSlashesAtEnd(path));
      return;
    }
    const name = nameOf(path.replace(/\.(md|html)$/, ''));
    const page = find(`${name}.html`);
    const source = find(`${name}.md`);
    if (path.endsWith('.html') && page !== undefined && name !== 'docs/404') {
      res.redirect(301, path.replace(/\.html$/, ''));
    } else if (path.endsWith('.md') && source !== undefined) {
      send(req, res, source);
    } else if (page !== undefined && source !== undefined) {
      res.vary('Accept');
      // A client that accepts everything gets HTML.
      const isForMachines = req.accepts(['text/html', markdown]) === markdown;
      if (path === tryPath) setPagePolicy(req, res, portalBaseUrl, { images: ['data:'] });
      send(req, res, isForMachines ? source : page);
    } else {
      const other = find(path.slice(1));
      const missing = find('docs/404.html');
      if (other !== undefined && !path.endsWith('.html')) send(req, res, other);
      else if (wantsHtml(req) && missing !== undefined) send(req, res.vary('Accept'), missing, 404);
      else next();
    }
  });

  return router;
}
