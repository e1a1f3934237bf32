/**
 * What the public pages about portal sessions promise, one check for each promise, with its source. A status, the code of an error and
 * its sentence are promises of their own. Nothing else of a response matters here: no other field, header or bound.
 *
 * No HTTP call can see how a portal looks, where an expired browser session is sent, and what a dashboard accepts as a slug or a logo.
 */
import type { CaseRequest, Fixture } from '../engine/case.ts';
import type { Check } from '../engine/check.ts';
import { sourcedCheck } from '../engine/check.ts';
import { portalOperation } from '../engine/profile.ts';
import { clockOf } from '../engine/session-steps.ts';
import { configNotFound, guide, type Source, sessionNotFound, tokenMissing } from '../engine/source.ts';
import type { Trial } from '../engine/trial.ts';
import {
  at,
  create,
  exchange,
  expectError,
  expectStatus,
  expectText,
  newSessionId,
  sessionBody,
  sessionCookie,
  signIn,
  textAt,
} from './steps.ts';

const createOperation = 'portal.createSession';
const exchangeOperation = 'portal.exchangeSession';
const [lifetimeMs, browserLifetimeMs] = [15 * 60_000, 24 * 3_600_000];
/** How far apart two clocks may be, in ms. */
const toleranceMs = 60_000;

type Row = [name: string, source: Source, run: (trial: Trial) => Promise<void>, effect?: 'only reads'];

const notFoundCode = 'unkey/data/portal_config_not_found';
const missingCode = 'unkey/authentication/portal_token_missing';
const endedCode = 'unkey/authentication/portal_session_not_found';

const unknownRootKey = 'Bearer rk_unknownUnknownUnknownUnknownUnknown';
const unknownSlug = (fixture: Fixture) => ({ ...sessionBody(fixture), slug: 'no-such-portal' });

/** A body that is not as the operation wants it, in three forms. */
const invalidBodies: Row[1] = guide('Missing or invalid JSON body | 400');
const bodyRows = (operation: string, credentials: (fixture: Fixture) => CaseRequest): Row[] => {
  const refuses = (body: CaseRequest) => async (trial: Trial) => {
    await expectStatus(trial, operation, { ...credentials(await trial.arrange('portal')), ...body }, 400);
  };
  return [
    ['a missing body is refused', invalidBodies, refuses({})],
    ['a body that is not JSON is refused', invalidBodies, refuses({ rawBody: '{"slug":' })],
    [
      'an invalid body is a "Bad Request"',
      guide('Missing or invalid JSON body | 400 | `Bad Request`'),
      async (trial) => {
        const request = { ...credentials(await trial.arrange('portal')), rawBody: '{"slug":' };
        expectText(trial, await trial.observe(operation, request), 'error.title', 'Bad Request');
      },
    ],
  ];
};

const withRootKey = ({ rootKey }: Fixture): CaseRequest => ({ authorization: `Bearer ${rootKey}` });

/** The rows of the table "Required parameters". */
const requiredRows = {
  slug: '`slug` | `string` | Human-readable identifier for your portal configuration',
  externalId: "`externalId` | `string` | Your user's identifier in your system",
  permissions: '`permissions` | `string[]` | Controls which portal tabs are visible',
};

const creating: Row[] = [
  [
    'a session is created',
    guide('{ "meta": { "requestId": "req_..." }, "data": { "sessionId": "pst_xxx", "url": …, "expiresAt": … } }'),
    async (trial) => {
      const response = await create(trial);
      textAt(trial, response, 'data.sessionId');
      textAt(trial, response, 'data.url');
      trial.assert(Number.isSafeInteger(at(response, 'data.expiresAt')), 'data.expiresAt is an integer');
    },
  ],
  [
    'a response has the id of its request',
    guide('"meta": { "requestId": "req_..." }'),
    async (trial) => void textAt(trial, await create(trial), 'meta.requestId'),
  ],
  [
    'the URL leads to the portal with the session id',
    guide('data.url — full portal URL with session param'),
    async (trial) => {
      const response = await create(trial);
      const url = URL.parse(textAt(trial, response, 'data.url'));
      const id = textAt(trial, response, 'data.sessionId');
      trial.assert(url?.searchParams.get('session') === id, 'data.url has the parameter session with the session id');
    },
  ],
  [
    'a session id is valid for 15 minutes',
    guide('Session ID (`pst_xxx`) | 15 minutes'),
    async (trial) => {
      const response = await create(trial);
      const left = Number(at(response, 'data.expiresAt')) - clockOf(response);
      trial.assert(
        Math.abs(left - lifetimeMs) <= toleranceMs,
        `data.expiresAt, in Unix ms, is 15 minutes from now, not ${left / 60_000}`,
      );
    },
  ],
  [
    'each session has an id of its own',
    guide('The session ID is valid for 15 minutes and can only be used once.'),
    async (trial) => {
      const ids = [await newSessionId(trial), await newSessionId(trial)];
      trial.assert(ids[0] !== ids[1], 'two sessions of one user have different ids');
    },
  ],
  [
    'a preview can be asked for',
    guide('`preview` | `boolean` | Shows a "Preview mode" banner'),
    async (trial) => void (await create(trial, (fixture) => ({ ...sessionBody(fixture), preview: true }))),
  ],
  ...Object.entries(requiredRows).map(
    ([name, row]): Row => [
      `a body without ${name} is refused`,
      guide(row),
      async (trial) => void (await create(trial, (fixture) => ({ ...sessionBody(fixture), [name]: undefined }), 400)),
    ],
  ),
  [
    'an empty list of permissions is refused',
    guide('An empty permissions array is rejected with HTTP 400.'),
    async (trial) => void (await create(trial, (fixture) => ({ ...sessionBody(fixture), permissions: [] }), 400)),
  ],
  ...bodyRows(createOperation, withRootKey),
  [
    'an unknown root key is refused',
    guide('Invalid root key | 401'),
    async (trial) => {
      const body = sessionBody(await trial.arrange('portal'));
      await expectStatus(trial, createOperation, { authorization: unknownRootKey, body }, 401);
    },
  ],
  [
    'an unknown root key is "Unauthorized"',
    guide('Invalid root key | 401 | `Unauthorized`'),
    async (trial) => {
      const body = sessionBody(await trial.arrange('portal'));
      const response = await trial.observe(createOperation, { authorization: unknownRootKey, body });
      expectText(trial, response, 'error.title', 'Unauthorized');
    },
  ],
  [
    'an unknown slug is not found',
    guide('Portal config not found | 404'),
    async (trial) => void (await create(trial, unknownSlug, 404)),
  ],
  [
    'an unknown slug has an error of its own',
    configNotFound('"type": "https://unkey.com/docs/errors/unkey/data/portal_config_not_found"'),
    async (trial) => expectError(trial, await create(trial, unknownSlug, 404), notFoundCode),
  ],
  [
    'the error of an unknown slug has the sentence of its page',
    configNotFound('"detail": "Portal configuration not found."'),
    async (trial) =>
      expectText(trial, await create(trial, unknownSlug, 404), 'error.detail', 'Portal configuration not found.'),
  ],
  [
    'the error of an unknown slug has the title and the status of its page',
    configNotFound('"status": 404, "title": "Not Found"'),
    async (trial) => {
      const response = await create(trial, unknownSlug, 404);
      expectText(trial, response, 'error.title', 'Not Found');
      trial.assert(at(response, 'error.status') === 404, 'error.status is 404');
    },
  ],
  [
    'a slug in upper case is another slug',
    configNotFound('Slugs are lowercase. `My-Portal` will not match `my-portal`.'),
    async (trial) => {
      const fixture = await trial.arrange('portal');
      const body = { ...sessionBody(fixture), slug: fixture.slug.toUpperCase() };
      const { status } = await trial.observe(createOperation, { ...withRootKey(fixture), body });
      trial.assert(status !== 200, 'the slug in upper case does not match');
    },
  ],
  [
    'a root key of another workspace does not find the portal',
    configNotFound('Using a root key from a different workspace returns this error rather than a 401'),
    async (trial) => {
      const fixture = await trial.arrange('foreignRootKey');
      const request = { ...withRootKey(fixture), body: sessionBody(fixture) };
      expectError(trial, await expectStatus(trial, createOperation, request, 404), notFoundCode);
    },
  ],
  ...(['status', 'text'] as const).map(
    (part): Row => [
      part === 'status' ? 'a disabled portal is refused' : 'the error of a disabled portal has its sentence',
      guide(part === 'status' ? 'Portal disabled | 403' : 'Portal disabled | 403 | `Portal is disabled.`'),
      async (trial) => {
        const fixture = await trial.arrange('disabledPortal');
        const request = { ...withRootKey(fixture), body: sessionBody(fixture) };
        const response = await expectStatus(trial, createOperation, request, 403);
        if (part === 'text') expectText(trial, response, 'error.detail', 'Portal is disabled.');
      },
    ],
  ),
];

const exchanging: Row[] = [
  [
    'a session id is exchanged for a cookie',
    guide('Exchange the session ID for a 24-hour browser session'),
    async (trial) => void (await signIn(trial)),
  ],
  [
    'the cookie is HttpOnly',
    guide('Browser session | 24 hours | Stored as httpOnly cookie'),
    async (trial) => trial.assert((await signIn(trial)).attributes.has('httponly'), 'the cookie is HttpOnly'),
  ],
  [
    'the cookie is valid for 24 hours',
    guide('Browser session | 24 hours'),
    async (trial) => {
      const response = await exchange(trial, await newSessionId(trial));
      const { attributes } = sessionCookie(trial, response);
      const maxAge = attributes.get('max-age');
      const leftMs =
        maxAge === undefined ? Date.parse(attributes.get('expires') ?? '') - clockOf(response) : Number(maxAge) * 1000;
      trial.assert(
        Math.abs(leftMs - browserLifetimeMs) <= toleranceMs,
        `the cookie is valid for 24 hours, not ${leftMs / 3_600_000}`,
      );
    },
  ],
  [
    'a session id works once',
    sessionNotFound('Session IDs are single-use. Once a browser exchanges it, the same ID cannot be exchanged again.'),
    async (trial) => {
      const sessionId = await newSessionId(trial);
      await exchange(trial, sessionId);
      await exchange(trial, sessionId, 401);
      await exchange(trial, sessionId, 401);
    },
  ],
  [
    'a session id works once among concurrent exchanges',
    sessionNotFound('Session IDs are single-use. Once a browser exchanges it, the same ID cannot be exchanged again.'),
    async (trial) => {
      const sessionId = await newSessionId(trial);
      const tries = Array.from({ length: 20 }, () => trial.observe(exchangeOperation, { body: { sessionId } }));
      const won = (await Promise.all(tries)).filter(({ status }) => status === 200).length;
      trial.assert(won === 1, `one of 20 concurrent exchanges succeeds, not ${won}`);
    },
  ],
  [
    'a used session id has an error of its own',
    sessionNotFound('"type": "https://unkey.com/docs/errors/unkey/authentication/portal_session_not_found"'),
    async (trial) => {
      const sessionId = await newSessionId(trial);
      await exchange(trial, sessionId);
      expectError(trial, await trial.observe(exchangeOperation, { body: { sessionId } }), endedCode);
    },
  ],
  [
    'the error of a used session id has the sentence of its page',
    sessionNotFound('"detail": "Session is invalid, expired, or has already been used."'),
    async (trial) => {
      const sessionId = await newSessionId(trial);
      await exchange(trial, sessionId);
      const response = await trial.observe(exchangeOperation, { body: { sessionId } });
      expectText(trial, response, 'error.detail', 'Session is invalid, expired, or has already been used.');
    },
  ],
  [
    'an unknown session id is refused',
    guide('Invalid/expired/used session on exchange | 401'),
    async (trial) => void (await exchange(trial, 'pst_unknownUnknownUnknownUnknownUnknown', 401)),
  ],
  [
    'an expired session id is refused',
    sessionNotFound('The short-lived session ID is valid for 15 minutes. After that it can no longer be exchanged.'),
    async (trial) => void (await exchange(trial, (await trial.arrange('expiredSession')).sessionId, 401)),
  ],
  ...bodyRows(exchangeOperation, () => ({})),
];

const using: Row[] = [
  [
    'the cookie is enough',
    tokenMissing('An httpOnly session cookie set by the portal after a successful session exchange'),
    async (trial) => {
      const { pair } = await signIn(trial);
      await expectStatus(trial, portalOperation, { headers: { Cookie: pair }, body: {} }, 200);
    },
  ],
  [
    'the token in an Authorization header is enough',
    tokenMissing('An `Authorization: Bearer <portal-session-token>` header on direct API calls from a browser session'),
    async (trial) => {
      const response = await exchange(trial, await newSessionId(trial));
      const inBody = at(response, 'data.token');
      const token = typeof inBody === 'string' ? inBody : sessionCookie(trial, response).pair.split('=')[1];
      await expectStatus(trial, portalOperation, { authorization: `Bearer ${token}`, body: {} }, 200);
    },
  ],
  [
    'a request without a token is refused',
    tokenMissing('A portal session token is required for this request.'),
    async (trial) => void (await expectStatus(trial, portalOperation, { body: {} }, 401)),
    'only reads',
  ],
  [
    'a missing token has an error of its own',
    tokenMissing('"type": "https://unkey.com/docs/errors/unkey/authentication/portal_token_missing"'),
    async (trial) => expectError(trial, await trial.observe(portalOperation, { body: {} }), missingCode),
    'only reads',
  ],
  [
    'the error of a missing token has the sentence of its page',
    tokenMissing('"detail": "A portal session token is required for this request."'),
    async (trial) =>
      expectText(
        trial,
        await trial.observe(portalOperation, { body: {} }),
        'error.detail',
        'A portal session token is required for this request.',
      ),
    'only reads',
  ],
  [
    'a root key is no session',
    tokenMissing('Root keys authenticate backend requests, not portal endpoints.'),
    async (trial) => {
      const request = { ...withRootKey(await trial.arrange('portal')), body: {} };
      await expectStatus(trial, portalOperation, request, 401);
    },
    'only reads',
  ],
  [
    'an unknown token is refused, with an error of its own',
    sessionNotFound('any portal-authenticated endpoint when the supplied session identifier cannot be resolved'),
    async (trial) => {
      const request = { authorization: 'Bearer ps_unknownUnknownUnknownUnknownUnknown', body: {} };
      expectError(trial, await expectStatus(trial, portalOperation, request, 401), endedCode);
    },
    'only reads',
  ],
  [
    'an expired browser session is refused, with an error of its own',
    sessionNotFound(
      'the browser session is valid for 24 hours. Once it expires, requests using that token return this error.',
    ),
    async (trial) => {
      const { token } = await trial.arrange('expiredBrowserSession');
      const request = { authorization: `Bearer ${token}`, body: {} };
      expectError(trial, await expectStatus(trial, portalOperation, request, 401), endedCode);
    },
  ],
];

const checksOf = (operation: string, rows: Row[]): Check[] =>
  rows.map(([name, source, run, effect]) =>
    sourcedCheck({ operation, name, source, run, readOnly: effect === undefined ? undefined : true }),
  );

/** All checks of the profile `seeds`. */
export const seedChecks: Check[] = [
  ...checksOf(createOperation, creating),
  ...checksOf(exchangeOperation, exchanging),
  ...checksOf(portalOperation, using),
];
