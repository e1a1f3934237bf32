import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Everything from our own origin, no frames, no referrer: a link to the portal must not travel on. */
export function securityHeaders(portalBaseUrl: string): RequestHandler {
  const https = portalBaseUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        // Logos are the customer's own, from wherever they serve them.
        imgSrc: ["'self'", 'https:'],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        ...(https && { upgradeInsecureRequests: [] }),
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    strictTransportSecurity: https,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  });
}
