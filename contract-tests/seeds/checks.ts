/**
 * What the public pages about portal sessions promise, one check for each promise, with its source. A status, the code of an error and
 * its sentence are promises of their own. Nothing else of a response matters here: no other field, header or bound.
 *
 * No HTTP call can see how a portal looks, where an expired browser session is sent, and what a dashboard accepts as a slug or a logo.
 */
import type { CaseRequest, Fixture, State } from '../engine/case.ts';
import type { Check } from '../engine/check.ts';
import { sourcedCheck } from '../engine/check.ts';
import type { ApiResponse } from '../engine/check-response.ts';
import { portalOperation } from '../engine/profile.ts';
import { clockOf } from '../engine/session-steps.ts';
import { configNotFound, guide, type Source, sessionNotFound, tokenMissing } from '../engine/source.ts';
import type { Trial } from '../engine/trial.ts';
import {
  at,
  create,
  type ErrorPart,
  exchange,
  expectPart,
  expectStatus,
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

type Row = [name: string, source: Source, run: (trial: Trial) => Promise<void>, effect?: 'only reads' | undefined];

/** A promise about one part of an error. */
type ErrorPromise = [name: string, source: Source, part: ErrorPart, value: string | number];

/** The promises about one error, a check for each: whether a server refuses a request does not depend on its words. */
const errorRows = (
  send: (trial: Trial) => Promise<ApiResponse>,
  promises: ErrorPromise[],
  effect?: 'only reads',
): Row[] =>
  promises.map(([name, source, part, value]) => [
    name,
    source,
    async (trial) => expectPart(trial, await send(trial), part, value),
    effect,
  ]);

const notFoundCode = 'unkey/data/portal_config_not_found';
const missingCode = 'unkey/authentication/portal_token_missing';
const endedCode = 'unkey/authentication/portal_session_not_found';

const unknownRootKey = 'Bearer rk_unknownUnknownUnknownUnknownUnknown';
const foreignKey = configNotFound('Using a root key from a different workspace returns this error rather than a 401');
const unknownSlug = (fixture: Fixture) => ({ ...sessionBody(fixture), slug: 'no-such-portal' });

/** A body that is not as the operation wants it, in three forms. */
const invalidBodies: Row[1] = guide('Missing or invalid JSON body | 400');
const bodyRows = (operation: string, credentials: (fixture: Fixture) => CaseRequest): Row[] => {
  const sends = (body: CaseRequest) => async (trial: Trial) =>
    trial.observe(operation, { ...credentials(await trial.arrange('portal')), ...body });
  return [
    ...errorRows(sends({}), [['a missing body is refused', invalidBodies, 'status', 400]]),
    ...errorRows(sends({ rawBody: '{"slug":' }), [
      ['a body that is not JSON is refused', invalidBodies, 'status', 400],
      [
        'an invalid body is a "Bad Request"',
        guide('Missing or invalid JSON body | 400 | `Bad Request`'),
        'error.title',
        'Bad Request',
      ],
    ]),
  ];
};

const withRootKey = ({ rootKey }: Fixture): CaseRequest => ({ authorization: `Bearer ${rootKey}` });

/** Sends a request for a session in a state of the target. */
const asks =
  (
    body: (fixture: Fixture) => unknown = sessionBody,
    { given = 'portal', authorization }: { given?: State; authorization?: string } = {},
  ) =>
  async (trial: Trial): Promise<ApiResponse> => {
    const fixture = await trial.arrange(given);
    const request = { ...withRootKey(fixture), ...(authorization && { authorization }), body: body(fixture) };
    return trial.observe(createOperation, request);
  };

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
  ...Object.entries(requiredRows).flatMap(([name, row]) =>
    errorRows(
      asks((fixture) => ({ ...sessionBody(fixture), [name]: undefined })),
      [[`a body without ${name} is refused`, guide(row), 'status', 400]],
    ),
  ),
  ...errorRows(
    asks((fixture) => ({ ...sessionBody(fixture), permissions: [] })),
    [
      [
        'an empty list of permissions is refused',
        guide('An empty permissions array is rejected with HTTP 400.'),
        'status',
        400,
      ],
    ],
  ),
  ...bodyRows(createOperation, withRootKey),
  ...errorRows(asks(sessionBody, { authorization: unknownRootKey }), [
    ['an unknown root key is refused', guide('Invalid root key | 401'), 'status', 401],
    [
      'an unknown root key is "Unauthorized"',
      guide('Invalid root key | 401 | `Unauthorized`'),
      'error.title',
      'Unauthorized',
    ],
  ]),
  ...errorRows(asks(unknownSlug), [
    ['an unknown slug is not found', guide('Portal config not found | 404'), 'status', 404],
    [
      'an unknown slug has an error of its own',
      configNotFound('"type": "https://unkey.com/docs/errors/unkey/data/portal_config_not_found"'),
      'error.type',
      notFoundCode,
    ],
    [
      'the error of an unknown slug has the sentence of its page',
      configNotFound('"detail": "Portal configuration not found."'),
      'error.detail',
      'Portal configuration not found.',
    ],
    [
      'the error of an unknown slug has the title of its page',
      configNotFound('"title": "Not Found"'),
      'error.title',
      'Not Found',
    ],
    ['the error of an unknown slug has the status of its page', configNotFound('"status": 404'), 'error.status', 404],
  ]),
  [
    'a slug in upper case is another slug',
    configNotFound('Slugs are lowercase. `My-Portal` will not match `my-portal`.'),
    async (trial) => {
      const { status } = await asks((fixture) => ({ ...sessionBody(fixture), slug: fixture.slug.toUpperCase() }))(
        trial,
      );
      trial.assert(status !== 200, 'the slug in upper case does not match');
    },
  ],
  ...errorRows(asks(sessionBody, { given: 'foreignRootKey' }), [
    ['a root key of another workspace is refused', foreignKey, 'status', 404],
    ['a root key of another workspace does not find the portal', foreignKey, 'error.type', notFoundCode],
  ]),
  ...errorRows(asks(sessionBody, { given: 'disabledPortal' }), [
    ['a disabled portal is refused', guide('Portal disabled | 403'), 'status', 403],
    [
      'the error of a disabled portal has its sentence',
      guide('Portal disabled | 403 | `Portal is disabled.`'),
      'error.detail',
      'Portal is disabled.',
    ],
  ]),
];

/** Sends a session id to be exchanged. */
const exchanges =
  (sessionIdOf: (trial: Trial) => string | Promise<string>) =>
  async (trial: Trial): Promise<ApiResponse> =>
    trial.observe(exchangeOperation, { body: { sessionId: await sessionIdOf(trial) } });

const usedSessionId = async (trial: Trial): Promise<string> => {
  const sessionId = await newSessionId(trial);
  await exchange(trial, sessionId);
  return sessionId;
};

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
  ...errorRows(exchanges(usedSessionId), [
    [
      'a used session id has an error of its own',
      sessionNotFound('"type": "https://unkey.com/docs/errors/unkey/authentication/portal_session_not_found"'),
      'error.type',
      endedCode,
    ],
    [
      'the error of a used session id has the sentence of its page',
      sessionNotFound('"detail": "Session is invalid, expired, or has already been used."'),
      'error.detail',
      'Session is invalid, expired, or has already been used.',
    ],
  ]),
  ...errorRows(
    exchanges(() => 'pst_unknownUnknownUnknownUnknownUnknown'),
    [['an unknown session id is refused', guide('Invalid/expired/used session on exchange | 401'), 'status', 401]],
  ),
  ...errorRows(
    exchanges(async (trial) => (await trial.arrange('expiredSession')).sessionId),
    [
      [
        'an expired session id is refused',
        sessionNotFound(
          'The short-lived session ID is valid for 15 minutes. After that it can no longer be exchanged.',
        ),
        'status',
        401,
      ],
    ],
  ),
  ...bodyRows(exchangeOperation, () => ({})),
];

const unknownToken = sessionNotFound(
  'any portal-authenticated endpoint when the supplied session identifier cannot be resolved',
);
const expiredToken = sessionNotFound(
  'the browser session is valid for 24 hours. Once it expires, requests using that token return this error.',
);

/** Sends a request that needs a session. */
const reads =
  (credentials: (trial: Trial) => CaseRequest | Promise<CaseRequest>) =>
  async (trial: Trial): Promise<ApiResponse> =>
    trial.observe(portalOperation, { ...(await credentials(trial)), body: {} });

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
  ...errorRows(
    reads(() => ({})),
    [
      [
        'a request without a token is refused',
        tokenMissing('A portal session token is required for this request.'),
        'status',
        401,
      ],
      [
        'a missing token has an error of its own',
        tokenMissing('"type": "https://unkey.com/docs/errors/unkey/authentication/portal_token_missing"'),
        'error.type',
        missingCode,
      ],
      [
        'the error of a missing token has the sentence of its page',
        tokenMissing('"detail": "A portal session token is required for this request."'),
        'error.detail',
        'A portal session token is required for this request.',
      ],
    ],
    'only reads',
  ),
  ...errorRows(
    reads(async (trial) => withRootKey(await trial.arrange('portal'))),
    [
      [
        'a root key is no session',
        tokenMissing('Root keys authenticate backend requests, not portal endpoints.'),
        'status',
        401,
      ],
    ],
    'only reads',
  ),
  ...errorRows(
    reads(() => ({ authorization: 'Bearer ps_unknownUnknownUnknownUnknownUnknown' })),
    [
      ['an unknown token is refused', unknownToken, 'status', 401],
      ['an unknown token has an error of its own', unknownToken, 'error.type', endedCode],
    ],
    'only reads',
  ),
  ...errorRows(
    reads(async (trial) => ({ authorization: `Bearer ${(await trial.arrange('expiredBrowserSession')).token}` })),
    [
      ['an expired browser session is refused', expiredToken, 'status', 401],
      ['an expired browser session has an error of its own', expiredToken, 'error.type', endedCode],
    ],
  ),
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
