/** A site that shows any state of the portal: the built app with the pages of the server around it, on fixed data, without Redis. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import sirv from 'sirv';
import type { SessionPortal } from '../../../generated/client/types.gen.ts';
import type { OperationTypes } from '../../../generated/operations.ts';
import { assetsDirectory, type PortalPage, portalHtml } from '../../../src/server/http/pages/portal-html.ts';
import * as data from './data.ts';

/** The operations that the app calls. */
type Operation = Extract<keyof OperationTypes, `portal.${string}`>;

/** A response of the contract: a success or an error. `never` if there is no response. */
type Answer<Id extends Operation> =
  | (OperationTypes[Id]['pagination'] extends undefined
      ? Pick<OperationTypes[Id], 'data'>
      : Pick<OperationTypes[Id], 'data' | 'pagination'>)
  | { status: number; code: string; location?: string }
  | 'never';

/** The responses of operations, each to the body of a request. */
export type Answers = { [Id in Operation]?: (body: NonNullable<OperationTypes[Id]['body']>) => Answer<Id> };

/** What the site shows next. */
interface View {
  language: string;
  /** The page that the server selects. */
  page: PortalPage;
  /** Whether the server knows the portal. */
  portal?: SessionPortal | undefined;
  answers?: Answers;
}

const end = { pagination: { hasMore: false } };
/** The responses unless a state needs others. */
const usual: Answers = {
  'portal.getSession': () => ({ data: data.session }),
  'portal.listApis': () => ({ data: data.apis, ...end }),
  'portal.listKeys': () => ({ data: data.keys, pagination: { hasMore: false, counts: data.counts } }),
  'portal.getLimits': () => ({ data: data.limits, ...end }),
  'portal.getVerifications': (window) => ({ data: data.usage(window) }),
  'portal.listUserSessions': () => ({ data: data.sessions, ...end }),
  'portal.listAuditEntries': () => ({ data: data.entries, ...end }),
  'portal.createKey': () => ({
    data: { keyId: data.firstKey.keyId, key: 'acme_lyOG2x8PqRt4ZbN6mKc3Vd7QwEr5TyUi' },
  }),
  'portal.updateKey': () => ({ data: data.firstKey }),
  'portal.deleteKey': () => ({ data: { keyId: data.firstKey.keyId } }),
};

const tabOfPath = {
  '/keys': 'keys',
  '/analytics': 'analytics',
  '/documentation': 'docs',
  '/account': 'account',
} as const;

const { resolve } = createRequire(import.meta.url);

/** The fonts of the pictures, so that they are the same on each machine: the pages name fonts of the system. */
const fonts: Record<string, string> = {
  'text.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'arabic.woff2': '@fontsource-variable/noto-sans-arabic/files/noto-sans-arabic-arabic-wght-normal.woff2',
  'code.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
};
const face = (family: string, file: string, range = '') =>
  `@font-face { font-family: "${family}"; src: url("/fonts/${file}") format("woff2"); font-weight: 100 900; ${range} }`;
/** The Japanese font is cut into a hundred files: a page loads those that have its characters. */
const japanese = '@fontsource-variable/noto-sans-jp';

/** The styles that name the fonts in a language. The face that comes last is asked first. */
async function fontStyleOf(language: string): Promise<string> {
  const faces = [
    face('Gallery', 'text.woff2'),
    face('Gallery', 'arabic.woff2', 'unicode-range: U+0600-06FF, U+200C-200F, U+2066-2069;'),
    ...['SF Mono', 'Menlo'].map((family) => face(family, 'code.woff2')),
  ];
  if (language === 'ja') {
    const css = await readFile(resolve(`${japanese}/wght.css`), 'utf8');
    const parts = css.matchAll(/url\(\.\/files\/(noto-sans-jp-\d+-[\w-]+\.woff2)\)[^}]*?(unicode-range:[^;]+;)/g);
    faces.unshift(...Array.from(parts, ([, file = '', range]) => face('Gallery', file, range)));
  }
  return `<style>${faces.join('\n')}\n:root { font-family: Gallery, sans-serif !important; }</style>`;
}

/** The file of a font, by its name in the styles; undefined if there is none. */
const fontFile = (name: string): string | undefined =>
  name.startsWith('noto-sans-jp-') ? `${japanese}/files/${name}` : fonts[name];

export interface GallerySite {
  origin: string;
  /** Sets what the site shows from now on. */
  show(view: View): void;
  stop(): Promise<void>;
}

async function bodyOf(req: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text === '' ? {} : JSON.parse(text);
}

/**
 * Starts the site on a free port of loopback. The portal must be built.
 *
 * @param openapi the document of the customer's API, whose server is `apiOrigin`
 */
export async function startGallerySite(openapi: object): Promise<GallerySite> {
  const documented: Answers = {
    'portal.getOpenapiDocument': () => ({ data: { fetchedAt: data.present, stale: false, document: { ...openapi } } }),
  };
  const html = portalHtml();
  const assets = sirv(assetsDirectory, { immutable: true, maxAge: 31_536_000 });
  let view: View = { language: 'en', page: 'app' };

  async function operation(name: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { [name]: write } = { ...usual, ...documented, ...view.answers } as Record<
      string,
      (body: unknown) => Answer<Operation>
    >;
    if (write === undefined) throw new Error(`the gallery has no answer of ${name}`);
    const answer = write(await bodyOf(req));
    if (answer === 'never') return;
    const meta = { requestId: 'req_0000000000000000' };
    const isError = 'status' in answer;
    const type = isError ? `https://portico.example/docs/errors/${answer.code}` : '';
    const errors = isError && answer.location !== undefined && [{ location: answer.location, message: 'English' }];
    const error = isError && {
      error: { title: 'Error', detail: 'English', status: answer.status, type, ...(errors && { errors }) },
    };
    res.writeHead(isError ? answer.status : 200, { 'Content-Type': 'application/json' });
    res.end(JSON.stringify({ meta, ...(isError ? error : answer) }));
  }

  async function page(path: string, res: ServerResponse): Promise<void> {
    const fontStyle = await fontStyleOf(view.language);
    const text = html.write({
      ...{ page: view.page, language: view.language, locale: undefined, portal: view.portal, homeUrl: undefined },
      tab: tabOfPath[path as keyof typeof tabOfPath],
      apiOrigins: [data.apiOrigin],
      hasDocument: true,
      styleNonce: 'n0',
    });
    res.writeHead(200, { 'Content-Type': 'text/html' }).end(text.replace('</head>', `${fontStyle}</head>`));
  }

  async function respond(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    // The portal follows the clock of the server.
    res.setHeader('Date', new Date(data.present).toUTCString());
    const [, font] = /^\/fonts\/([\w.-]+)$/.exec(pathname) ?? [];
    const file = font === undefined ? undefined : fontFile(font);
    const [, name] = /^\/v2\/(.+)$/.exec(pathname) ?? [];
    if (name !== undefined) await operation(name, req, res);
    else if (file !== undefined) {
      const headers = { 'Content-Type': 'font/woff2', 'Cache-Control': 'max-age=31536000, immutable' };
      res.writeHead(200, headers).end(await readFile(resolve(file)));
    } else if (pathname.startsWith('/assets/')) {
      req.url = pathname.slice('/assets'.length);
      assets(req, res, () => void res.writeHead(404).end());
    } else await page(pathname, res);
  }

  const server = createServer((req, res) => {
    respond(req, res).catch((error: unknown) => res.writeHead(500).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    show(next) {
      view = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
