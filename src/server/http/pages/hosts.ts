/** The hosts of portals: whose host a page is requested at, and which hosts a proxy may get certificates for. */
import { type Response, Router } from 'express';
import { hostOf, originOf, type RequestHost } from '../../domain/portals/hosts.ts';
import type { Store } from '../../store/index.ts';
import { StoreUnavailable } from '../../store/redis.ts';
import { noStore } from '../request.ts';
import { hostnameOf } from '../request-host.ts';

/** The host that a page was requested at. After a failure of Redis it is not known, and counts as that of the server. */
export const hostOfPage = (res: Response): RequestHost => res.locals['host'] ?? { name: '' };

/** The origin of a page. */
export function originOfPage(res: Response, portalBaseUrl: string): string {
  const { owner, name } = hostOfPage(res);
  return originOf(portalBaseUrl, owner && name);
}

/**
 * Finds the host of each request. `/portal-host?domain=<name>` returns 204 for a host that the server serves, and 404 for others: a proxy
 * asks it before it gets a certificate.
 */
export function portalHosts(store: Store, portalBaseUrl: string): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const base = new URL(portalBaseUrl).hostname;

  router.get('/portal-host', async (req, res) => {
    const { domain } = req.query;
    const name = typeof domain === 'string' ? hostnameOf({ headers: { host: domain } }) : '';
    const isServed = name === base || (await hostOf(store, name, base)).owner !== undefined;
    noStore(res)
      .status(isServed ? 204 : 404)
      .end();
  });

  router.use(async (req, res, next) => {
    try {
      res.locals['host'] = await hostOf(store, hostnameOf(req), base);
    } catch (error) {
      // Pages that need Redis report it themselves.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    next();
  });

  return router;
}
