import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Request, RequestHandler, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

/** What a page needs beyond the strictest policy, as sources of a content security policy. */
export interface PageNeeds {
  /** Inline scripts and styles, by hash or nonce. */
  inlineScripts?: string[];
  inlineStyles?: string[];
  images?: string[];
  fonts?: string[];
  /** Where its scripts can send requests, beside its own origin. */
  connections?: string[];
  /** The only paths of its own origin to which its scripts can send requests. By default they can to all. */
  ownPaths?: string[];
  /** Origins of pages that can show it in a frame. */
  frameAncestors?: string[];
}

/** Everything from the own origin, nothing inline, no frames, and the exceptions that a page needs. */
function contentSecurityPolicy(portalBaseUrl: string, needs: PageNeeds = {}) {
  const { inlineScripts = [], inlineStyles = [], images = [], fonts = [], connections = [] } = needs;
  const { frameAncestors = [] } = needs;
  const own = needs.ownPaths?.map((path) => portalBaseUrl + path) ?? ["'self'"];
  return {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", ...inlineScripts],
      styleSrc: ["'self'", ...inlineStyles],
      fontSrc: ["'self'", ...fonts],
      connectSrc: [...own, ...connections],
      imgSrc: ["'self'", ...images],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: frameAncestors.length > 0 ? frameAncestors : ["'none'"],
      ...(portalBaseUrl.startsWith('https:') && { upgradeInsecureRequests: [] }),
    },
  };
}

/** The headers that Helmet sets, as name, value, name, value … They are the same for all responses, so Helmet runs once. */
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

/** The headers of every response but those of operations. */
export const pageHeaders = (portalBaseUrl: string): string[] =>
  headersOf({
    ...always(portalBaseUrl),
    contentSecurityPolicy: contentSecurityPolicy(portalBaseUrl),
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  });

/**
 * The headers of responses of operations. They are data: if a browser shows one as a page, the page can do nothing. Headers
 * that matter to pages only are left out, because operations are called a thousand times a second.
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

/** Sets these headers on every response from here on. */
export const withHeaders =
  (headers: readonly string[]): RequestHandler =>
  (_req, res, next) => {
    for (let i = 0; i < headers.length; i += 2) res.setHeader(headers[i] ?? '', headers[i + 1] ?? '');
    next();
  };

/** Replaces the policy of every response with that of one page. */
export function setPagePolicy(req: Request, res: Response, portalBaseUrl: string, needs: PageNeeds): void {
  helmet.contentSecurityPolicy(contentSecurityPolicy(portalBaseUrl, needs))(req, res, (error?: unknown) => {
    if (error) throw error;
  });
  // X-Frame-Options is for browsers without frame-ancestors, and cannot name an origin.
  if (needs.frameAncestors && needs.frameAncestors.length > 0) res.removeHeader('X-Frame-Options');
}
