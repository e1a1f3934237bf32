import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

/** What a page may do beyond the strictest policy, each as sources of a content security policy. */
export interface PageNeeds {
  /** Scripts and styles that stand in the page, by hash or nonce. */
  inlineScripts?: string[];
  inlineStyles?: string[];
  images?: string[];
  /** Where its scripts may send requests, beside us. */
  connections?: string[];
  /** Whose pages may show it in a frame. */
  frameAncestors?: string[];
}

/** Everything from our own origin, nothing inline, no frames; what a page needs beyond that is named one by one. */
function contentSecurityPolicy(portalBaseUrl: string, needs: PageNeeds = {}) {
  const { inlineScripts = [], inlineStyles = [], images = [], connections = [], frameAncestors = [] } = needs;
  return {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", ...inlineScripts],
      styleSrc: ["'self'", ...inlineStyles],
      fontSrc: ["'self'"],
      connectSrc: ["'self'", ...connections],
      imgSrc: ["'self'", ...images],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: frameAncestors.length > 0 ? frameAncestors : ["'none'"],
      ...(portalBaseUrl.startsWith('https:') && { upgradeInsecureRequests: [] }),
    },
  };
}

/** What Helmet sets with these options, as name, value, name, value …: the same for all, so it is asked once and not at every request. */
function headersOf(options: HelmetOptions): string[] {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(options)(response.req, response, (error?: unknown) => {
    if (error) throw error;
  });
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}

/** No referrer either: a link to the portal must not travel on. */
const always = (portalBaseUrl: string) =>
  ({
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: portalBaseUrl.startsWith('https:'),
  }) satisfies HelmetOptions;

/** The headers of pages, assets and whatever else is no operation. */
export const pageHeaders = (portalBaseUrl: string): string[] =>
  headersOf({
    ...always(portalBaseUrl),
    contentSecurityPolicy: contentSecurityPolicy(portalBaseUrl),
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  });

/**
 * The headers of operations' answers. They are data: should a browser take one for a page all the same, it may do nothing
 * at all. What only a page heeds is left out: it would be written a thousand times a second for nobody.
 */
export const operationHeaders = (portalBaseUrl: string): string[] =>
  headersOf({
    ...always(portalBaseUrl),
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });

/** Sets these headers on everything that comes after. */
export const withHeaders =
  (headers: readonly string[]): RequestHandler =>
  (_req, res, next) => {
    for (let i = 0; i < headers.length; i += 2) res.setHeader(headers[i] ?? '', headers[i + 1] ?? '');
    next();
  };

/** Lays the policy of one page over that of every response. */
export function setPagePolicy(req: Request, res: Response, portalBaseUrl: string, needs: PageNeeds): void {
  helmet.contentSecurityPolicy(contentSecurityPolicy(portalBaseUrl, needs))(req, res, (error?: unknown) => {
    if (error) throw error;
  });
  // What says the same to browsers that do not know frame-ancestors cannot name an origin.
  if (needs.frameAncestors && needs.frameAncestors.length > 0) res.removeHeader('X-Frame-Options');
}
