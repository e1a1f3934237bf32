import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Config } from './config/index.ts';
import { readinessOf } from './domain/workspaces/readiness.ts';
import { accessLog } from './http/access-log.ts';
import { countFailures, limitPages } from './http/address-limits.ts';
import { type Admission, admissionOf } from './http/admission.ts';
import { dispatch } from './http/api/dispatch.ts';
import { responseWriter } from './http/api/json-response.ts';
import { contractValidator } from './http/api/validate.ts';
import { docsPages } from './http/pages/docs-pages.ts';
import { portalHosts } from './http/pages/hosts.ts';
import { portalPages } from './http/pages/portal-pages.ts';
import { problemResponse } from './http/problem-response.ts';
import { assignRequestId, readForwardedFor, routeNotFound, warnOfProxy } from './http/request.ts';
import { readHead } from './http/request-head.ts';
import { operationHeaders, pageHeaders, withHeaders } from './http/security-headers.ts';
import { allowedAddresses } from './outbound/addresses.ts';
import { documentFetcher } from './outbound/fetch-document.ts';
import type { Store } from './store/index.ts';

/** The dependencies of the app. */
export interface AppDeps {
  config: Pick<
    Config,
    | 'portalBaseUrl'
    | 'homeUrl'
    | 'docsBaseUrl'
    | 'validateResponses'
    | 'maxKeysPerUserAndApi'
    | 'usageRetentionDays'
    | 'openapiAllowPrivate'
    | 'openapiMaxMib'
    | 'trustProxy'
    | 'rateLimits'
    | 'maxRequestsInProgress'
  >;
  store: Store;
  log: Logger;
}

/** The app, and how the process controls its start and its end. */
export interface RunningApp {
  app: Express;
  /** Wraps the app, or what is around it: refuses requests at once that the process cannot serve in time. */
  admit: Admission['around'];
  /**
   * Compiles every operation of the contract. Readiness returns 503 until this has finished.
   *
   * @throws Error if the contract cannot be compiled
   */
  warmUp(): Promise<void>;
  /** Readiness returns 503 from now on. The app still serves every request. */
  beginStopping(): void;
  /** Whether readiness would return 200. */
  isReady(): Promise<boolean>;
}

/**
 * The whole server as one Express app: every request passes these, top to bottom.
 *
 * `warmUp` compiles the contract. The server can listen before that; a request for an operation that is not compiled yet
 * waits for its compilation.
 */
export function createApp({ config, store, log }: AppDeps): RunningApp {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // The only setting that decides which proxies can name the address of the client. By default none can.
  if (config.trustProxy !== undefined) {
    app.set('trust proxy', config.trustProxy);
    app.use(readForwardedFor);
  } else app.use(warnOfProxy(log));

  const validator = contractValidator(config);
  app.use(assignRequestId);
  app.use(accessLog(log));
  app.use(readHead);
  const { portalBaseUrl, maxKeysPerUserAndApi, usageRetentionDays, openapiAllowPrivate, openapiMaxMib } = config;
  const outbound = {
    fetchDocument: documentFetcher({
      isAllowed: allowedAddresses({ allowPrivate: openapiAllowPrivate }),
      maxMib: openapiMaxMib,
    }),
    maxMib: openapiMaxMib,
    reportFailure: (err: unknown) => log.warn({ err }, 'a stored OpenAPI document could not be fetched again'),
  };
  const readiness = readinessOf(store, (unable) => {
    // Once per change, because probes come every few seconds.
    if (unable === undefined) log.info('redis can serve again');
    else log.warn({ err: unable }, 'not ready: redis cannot serve');
  });
  const operationDeps = { store, readiness, portalBaseUrl, maxKeysPerUserAndApi, usageRetentionDays, ...outbound };
  const headers = operationHeaders(portalBaseUrl);
  const admission = admissionOf(config.maxRequestsInProgress, { docsBaseUrl: config.docsBaseUrl, headers, log });
  app.use(dispatch(operationDeps, { validator, writer: responseWriter(headers), admission }));
  app.use(withHeaders(pageHeaders(portalBaseUrl)));
  app.use(limitPages(config.rateLimits.pages));
  app.use(portalHosts(store, portalBaseUrl));
  app.use(docsPages(portalBaseUrl, log));
  const { router, showProblem } = portalPages({ store, portalBaseUrl, homeUrl: config.homeUrl, ...outbound });
  app.use(router);
  app.use(routeNotFound);
  app.use(countFailures(store));
  app.use(problemResponse({ docsBaseUrl: config.docsBaseUrl, showProblem, log }));

  return {
    app,
    admit: admission.around,
    async warmUp() {
      await validator.warmUp(app, Object.keys(operations) as OperationId[]);
      readiness.begin();
    },
    beginStopping: () => readiness.end(),
    isReady: () =>
      readiness.check().then(
        () => true,
        () => false,
      ),
  };
}
