/** What a client must not do wrong, and what it should do by itself: one row a promise. */
import type { Reported } from './driver.ts';
import type { ClientSource, NamedPromise } from './promise.ts';
import {
  type Body,
  credentials,
  ids,
  type Play,
  page,
  type Received,
  type Stage,
  type State,
  tokens,
  users,
} from './server.ts';

/** What happened in a call. */
interface Scene extends Pick<Stage, 'requests' | 'strayed'> {
  state: State;
  reported: Reported;
}

/** A promise of a client, and how to judge it. */
export interface ClientPromise extends NamedPromise {
  /** The time limit for the call, in seconds, if the client has one. */
  timeoutSeconds?: number;
  play?: Play;
  /** @returns how the client broke the promise; none if it held */
  judge(scene: Scene): string[];
}

const contract = (quote: string): ClientSource => ({ page: 'openapi.yaml', quote });
const rfc9110 = (section: string): ClientSource => ({ page: `RFC 9110, section ${section}` });

const grows = contract(
  'So a client has to ignore fields that it does not know, accept unknown values of open enums, and handle errors that an operation does not list',
);
const acting = contract('the server returns the response of the first successful request and creates nothing new');
const waiting = contract('Wait for the number of seconds in `Retry-After`, then try again.');
const identified = contract('`error.type` is a stable URL that identifies the error');
const notIdempotent = rfc9110('9.2.2');
const removing = rfc9110('15.4');

const rateLimited = 'user/too_many_requests/rate_limited';
const unavailable = 'unkey/application/service_unavailable';
const inProgress = 'user/idempotency/request_in_progress';
const unexpected = 'unkey/application/unexpected_error';

/** Something for the first request alone. */
const first =
  (act: Play): Play =>
  (nth, tools) =>
    nth === 1 ? act(nth, tools) : undefined;

const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing';
/** The failures of those that are not true. */
const unless = (...rows: [held: boolean, failure: string][]): string[] =>
  rows.filter(([held]) => !held).map(([, failure]) => failure);

const succeeds = ({ reported }: Scene, value: unknown): string[] =>
  unless([
    shown(reported.value) === shown(value),
    `the call reports ${shown(reported)}, not the value ${shown(value)}`,
  ]);

/** The call failed, and the client says with which status and error, if one is expected. */
function fails({ reported }: Scene, status?: number, code?: string): string[] {
  const { error } = reported;
  if (error === undefined) return [`the call reports ${shown(reported)}, although it failed`];
  return unless(
    [status === undefined || error.status === status, `the error has the status ${shown(error.status)}, not ${status}`],
    [code === undefined || error.type?.endsWith(code) === true, `the error is ${shown(error.type)}, not ${code}`],
  );
}

const sentOnce = ({ requests }: Scene): string[] =>
  unless([requests.length === 1, `the client sent the request ${requests.length} times, not once`]);

/** The repeats are the same request, with the same key. */
function repeatsAreSame({ requests }: Scene): string[] {
  const [{ headers = {}, body = '' } = {}, ...repeats] = requests;
  const key = headers['idempotency-key'];
  return unless(
    [repeats.length === 0 || key !== undefined, 'the client repeats the request without an Idempotency-Key'],
    [repeats.every((repeat) => repeat.headers['idempotency-key'] === key), 'a repeat has another Idempotency-Key'],
    [repeats.every((repeat) => repeat.body === body), 'a repeat has another body'],
  );
}

const createdOnce = ({ state }: Scene): string[] =>
  unless([state.created.length <= 1, `the server created ${state.created.length} keys, not one`]);

/** The ms between the response to a request and the next request. */
function gapAfter(requests: Received[], nth: number): number {
  const [answered, next] = [requests[nth - 1], requests[nth]];
  return next === undefined ? Number.POSITIVE_INFINITY : next.at - (answered?.answeredAt ?? next.at);
}

/** Timers of some runtimes end a moment early. */
const toleranceMs = 20;
const waits = ({ requests }: Scene, nth: number, ms: number): string[] => {
  const gap = gapAfter(requests, nth);
  return unless([
    gap >= ms - toleranceMs,
    `the client waited ${Math.round(gap)} ms, not ${ms} ms, before it repeated the request`,
  ]);
};

/** Whether a secret is anywhere in a request. */
const has = ({ url, headers, body }: Received, secret: string): boolean =>
  `${url} ${JSON.stringify(headers)} ${body}`.includes(secret);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** An error that this version of the contract does not have. */
const newError = (status: number, type: string): Play =>
  first((_, { problem }) => {
    const base = problem(unavailable, {}, (body) => Object.assign(body.error ?? {}, { status, type, title: 'New' }));
    return { refuse: { ...base, status } };
  });

const deletedKey: Play = (_, { problem }) => ({
  refuse: problem('unkey/data/key_not_found', {}, (body) => {
    // An operator can set the base of the type.
    Object.assign(body.error ?? {}, { type: 'https://docs.acme.example/errors/unkey/data/key_not_found' });
  }),
});

const twoProblems = [
  { location: 'body.name', message: 'must be a string', fix: 'Send a string.' },
  { location: 'body.apiId', message: 'must be the id of an API', fix: 'Send the id of an API.' },
];

/** More attempts than this are no bound that protects a server. */
const mostAttempts = 10;

const refusedAs = (code: string, headers: Record<string, string> = {}): Play =>
  first((_, { problem }) => ({ refuse: problem(code, headers) }));
const doneBut = (code: string, headers: Record<string, string> = {}): Play =>
  first((_, { problem }) => ({ instead: problem(code, headers) }));

/** Every promise, in the order of the report. */
export const promises: ClientPromise[] = [
  {
    id: 'credential-in-header',
    topic: 'credentials',
    level: 'must',
    name: 'The root key is in the Authorization header, and nowhere else in the request.',
    source: contract('Never send it to a browser or an app, and never put it in a URL.'),
    call: 'createKey',
    judge: ({ requests }) =>
      unless(
        [requests.every(({ headers }) => /^Bearer /i.test(headers.authorization ?? '')), 'no bearer token is sent'],
        [
          requests.every(({ headers: { authorization: _, ...headers }, ...rest }) => {
            return !has({ ...rest, headers }, credentials.ROOT_KEY);
          }),
          'the root key is in another header, the URL or the body',
        ],
      ),
  },
  {
    id: 'session-per-user',
    topic: 'credentials',
    level: 'must',
    name: 'Each call of a user has the session of that user alone: no root key, and no cookie of another user.',
    source: contract('a link always opens the portal as the user it was created for.'),
    call: 'signIn',
    judge: (scene) => [
      ...succeeds(scene, [users.first, users.second]),
      ...[tokens.first, tokens.second].flatMap((own, i) => {
        const request = scene.requests.filter(({ operation }) => operation === 'portal.getSession')[i];
        const others = [credentials.ROOT_KEY, tokens.first, tokens.second].filter((secret) => secret !== own);
        return unless(
          [request !== undefined && has(request, own), `call ${i + 1} has no token of its user`],
          [
            request === undefined || !others.some((secret) => has(request, secret)),
            `call ${i + 1} has another credential than that of its user`,
          ],
        );
      }),
    ],
  },
  {
    id: 'no-credential-where-none',
    topic: 'credentials',
    level: 'should',
    name: 'An operation that takes no credential gets none.',
    source: contract('The operation needs no credential other than the session id'),
    call: 'signIn',
    judge: ({ requests }) => {
      const exchanges = requests.filter(({ operation }) => operation === 'portal.exchangeSession');
      const secrets = [credentials.ROOT_KEY, tokens.first, tokens.second];
      return unless(
        [exchanges.length > 0, 'the client sent no exchange'],
        [
          !exchanges.some((request) => secrets.some((secret) => has(request, secret))),
          'the exchange of a session id has a root key or the session of another user',
        ],
      );
    },
  },
  {
    id: 'no-credential-in-errors',
    topic: 'credentials',
    level: 'must',
    name: 'The text of an error, which programs log, has neither the root key nor a secret of the body.',
    source: contract('Never send it to a browser or an app, and never put it in a URL.'),
    call: 'verifyKey',
    play: first(() => 'lost'),
    judge: (scene) => [
      ...fails(scene),
      ...[credentials.ROOT_KEY, credentials.API_KEY].flatMap((secret) =>
        unless([!shown(scene.reported).includes(secret), `the error contains ${secret.split('_')[0]}_…`]),
      ),
    ],
  },
  {
    id: 'null-clears',
    topic: 'requests',
    level: 'must',
    name: 'A field that is cleared is sent as null, and a field that is not set is not sent.',
    source: contract('Changes the fields that you send and leaves the others unchanged; `null` clears a field.'),
    call: 'updateKey',
    judge: (scene) => [
      ...succeeds(scene, ids.KEY_ID),
      ...scene.requests.flatMap(({ body }) => {
        const { keyId, name, ...others } = (parsed(body) ?? {}) as Record<string, unknown>;
        return unless(
          [keyId === ids.KEY_ID && name === null, `the body is ${body}`],
          [Object.keys(others).length === 0, `the body has fields that were not set: ${Object.keys(others)}`],
        );
      }),
    ],
  },
  {
    id: 'empty-input',
    topic: 'requests',
    level: 'must',
    name: 'An operation without input gets no body or an empty object.',
    source: { page: 'openapi.yaml, requestBody of portal.getSession' },
    call: 'getSession',
    judge: (scene) => [
      ...succeeds(scene, users.session),
      ...scene.requests.flatMap(({ body }) => unless([['', '{}'].includes(body.trim()), `the body is ${body}`])),
    ],
  },
  {
    id: 'lost-acts-once',
    topic: 'repeats',
    level: 'must',
    name: 'After a lost response, a call that creates something is repeated with its Idempotency-Key and its body, or not at all.',
    source: acting,
    call: 'createKey',
    play: first(() => 'lost'),
    judge: (scene) => [...repeatsAreSame(scene), ...createdOnce(scene)],
  },
  {
    id: 'lost-recovers',
    topic: 'repeats',
    level: 'should',
    name: 'After a lost response, a call that creates something succeeds, and creates one thing.',
    source: acting,
    call: 'createKey',
    play: first(() => 'lost'),
    judge: (scene) => [...succeeds(scene, 'key_EXAMPLE1'), ...createdOnce(scene)],
  },
  {
    id: 'cut-recovers',
    topic: 'repeats',
    level: 'should',
    name: 'A response that is cut off counts as lost: a read is repeated.',
    source: { page: 'RFC 9112, section 8' },
    call: 'getSession',
    play: first(() => 'cut'),
    judge: (scene) => succeeds(scene, users.session),
  },
  {
    id: 'lost-not-repeated',
    topic: 'repeats',
    level: 'must',
    name: 'After a lost response, a call that counts is not repeated, and the program gets an error.',
    source: notIdempotent,
    call: 'verifyKey',
    play: first(() => 'lost'),
    judge: (scene) => [...sentOnce(scene), ...fails(scene)],
  },
  {
    id: 'reused-connection',
    topic: 'repeats',
    level: 'must',
    name: 'The same on a connection that was used before, where some HTTP libraries repeat by themselves.',
    source: notIdempotent,
    call: 'verifyTwice',
    play: (nth) => (nth === 2 ? 'lost' : undefined),
    judge: (scene) => [
      ...unless([
        scene.state.verifications === 2,
        `the server counted ${scene.state.verifications} verifications, not 2`,
      ]),
      ...fails(scene),
    ],
  },
  {
    id: 'gateway-not-repeated',
    topic: 'repeats',
    level: 'must',
    name: 'After the 504 of a gateway, a call that counts is not repeated, and the program gets an error with the status.',
    source: notIdempotent,
    call: 'verifyKey',
    play: first(() => ({ instead: page(504) })),
    judge: (scene) => [...sentOnce(scene), ...fails(scene, 504)],
  },
  {
    id: 'gateway-recovers',
    topic: 'repeats',
    level: 'should',
    name: 'After the 504 of a gateway, a call that creates something succeeds, and creates one thing.',
    source: acting,
    call: 'createKey',
    play: first(() => ({ instead: page(504) })),
    judge: (scene) => [...succeeds(scene, 'key_EXAMPLE1'), ...repeatsAreSame(scene), ...createdOnce(scene)],
  },
  {
    id: 'unavailable-acts-once',
    topic: 'repeats',
    level: 'must',
    name: 'After a 503, a call that creates something is repeated with its Idempotency-Key and its body, or not at all.',
    source: acting,
    call: 'createKey',
    play: doneBut(unavailable, { 'Retry-After': '0' }),
    judge: (scene) => [...repeatsAreSame(scene), ...createdOnce(scene)],
  },
  {
    id: 'unavailable-not-repeated',
    topic: 'repeats',
    level: 'must',
    name: 'After a 503, a deletion is not repeated: the server may have done it, and would say that there is nothing.',
    source: notIdempotent,
    call: 'deleteKey',
    play: doneBut(unavailable, { 'Retry-After': '0' }),
    judge: (scene) => [...sentOnce(scene), ...fails(scene, 503, unavailable)],
  },
  {
    id: 'refusal-not-repeated',
    topic: 'repeats',
    level: 'must',
    name: 'A request that the server refuses for what it says is not repeated.',
    source: { page: 'RFC 9110, section 15.5.1' },
    call: 'createKey',
    play: (_, { problem }) => ({ refuse: problem('unkey/application/invalid_input') }),
    judge: (scene) => [...sentOnce(scene), ...fails(scene, 400)],
  },
  {
    id: 'failure-not-repeated',
    topic: 'repeats',
    level: 'must',
    name: 'After a 500, a call that counts is not repeated.',
    source: notIdempotent,
    call: 'verifyKey',
    play: doneBut(unexpected),
    judge: (scene) => [...sentOnce(scene), ...fails(scene, 500, unexpected)],
  },
  {
    id: 'bounded-attempts',
    topic: 'repeats',
    level: 'must',
    name: `A server that stays unavailable gets at most ${mostAttempts} requests, and the program gets an error.`,
    source: contract('Retrying an exchange without end.'),
    call: 'getSession',
    play: (_, { problem }) => ({ refuse: problem(unavailable, { 'Retry-After': '0' }) }),
    judge: (scene) => [
      ...unless([scene.requests.length <= mostAttempts, `the client sent ${scene.requests.length} requests`]),
      ...fails(scene, 503, unavailable),
    ],
  },
  {
    id: 'in-progress-waits',
    topic: 'waiting',
    level: 'must',
    name: 'While the first request is still in progress, a repeat waits a second, and has the same Idempotency-Key.',
    source: contract('Wait a second and send the same request again. It gets the response of the first one.'),
    call: 'createKey',
    play: refusedAs(inProgress),
    judge: (scene) => [...repeatsAreSame(scene), ...waits(scene, 1, 1000)],
  },
  {
    id: 'in-progress-recovers',
    topic: 'waiting',
    level: 'should',
    name: 'If a repeat comes while the first request is still in progress, the call succeeds in the end.',
    source: contract('Wait a second and send the same request again. It gets the response of the first one.'),
    call: 'createKey',
    play: (nth, { problem }) => [undefined, 'lost' as const, { refuse: problem(inProgress) }][nth],
    judge: (scene) => [...succeeds(scene, 'key_EXAMPLE1'), ...createdOnce(scene)],
  },
  {
    id: 'unavailable-waits',
    topic: 'waiting',
    level: 'must',
    name: 'After a 503, no request comes before Retry-After.',
    source: waiting,
    call: 'getSession',
    play: refusedAs(unavailable, { 'Retry-After': '1' }),
    judge: (scene) => waits(scene, 1, 1000),
  },
  {
    id: 'unavailable-recovers',
    topic: 'waiting',
    level: 'should',
    name: 'After a 503, a read succeeds when the server is available again.',
    source: waiting,
    call: 'getSession',
    play: refusedAs(unavailable, { 'Retry-After': '1' }),
    judge: (scene) => succeeds(scene, users.session),
  },
  {
    id: 'limited-waits',
    topic: 'waiting',
    level: 'must',
    name: 'After a 429, no request comes before Retry-After.',
    source: rfc9110('10.2.3'),
    call: 'verifyKey',
    play: refusedAs(rateLimited, { 'Retry-After': '1' }),
    judge: (scene) => waits(scene, 1, 1000),
  },
  {
    id: 'limited-recovers',
    topic: 'waiting',
    level: 'should',
    name: 'After a 429 the server has done nothing, so every call succeeds after Retry-After, and counts once.',
    source: contract('The server did nothing.'),
    call: 'verifyKey',
    play: refusedAs(rateLimited, { 'Retry-After': '1' }),
    judge: (scene) => [
      ...succeeds(scene, 'VALID'),
      ...unless([scene.state.verifications === 1, `the server counted ${scene.state.verifications} verifications`]),
    ],
  },
  {
    id: 'date-waits',
    topic: 'waiting',
    level: 'must',
    name: 'Retry-After can be a date, which a proxy may send: no request comes before it.',
    source: rfc9110('10.2.3'),
    call: 'getSession',
    // A whole second, at least one second from now.
    play: first((_, { problem }) => ({
      refuse: problem(rateLimited, { 'Retry-After': new Date(Math.ceil(Date.now() / 1000 + 1) * 1000).toUTCString() }),
    })),
    judge: (scene) => waits(scene, 1, 1000),
  },
  {
    id: 'long-wait-ends',
    topic: 'waiting',
    level: 'must',
    name: 'If Retry-After is longer than a call can wait, the call ends with the error, and no request comes before it.',
    source: waiting,
    call: 'getSession',
    play: (_, { problem }) => ({ refuse: problem(rateLimited, { 'Retry-After': '3600' }) }),
    judge: (scene) => [...sentOnce(scene), ...fails(scene, 429, rateLimited)],
  },
  {
    id: 'long-wait-reported',
    topic: 'waiting',
    level: 'should',
    name: 'The error says how long to wait.',
    source: waiting,
    call: 'getSession',
    play: (_, { problem }) => ({ refuse: problem(rateLimited, { 'Retry-After': '3600' }) }),
    judge: ({ reported }) =>
      unless([reported.error?.retryAfter === 3600, `the error says ${shown(reported.error?.retryAfter)}, not 3600`]),
  },
  {
    id: 'silent-server',
    topic: 'waiting',
    level: 'should',
    name: 'A call to a server that never responds ends by itself, with an error.',
    source: { page: 'RFC 9112, section 9.5' },
    call: 'verifyKey',
    timeoutSeconds: 1,
    play: () => 'silent',
    judge: (scene) => fails(scene),
  },
  {
    id: 'error-identified',
    topic: 'errors',
    level: 'must',
    name: 'An error has its status and its type, with any base URL.',
    source: identified,
    call: 'deleteKey',
    play: deletedKey,
    judge: (scene) => fails(scene, 404, 'unkey/data/key_not_found'),
  },
  {
    id: 'request-id',
    topic: 'errors',
    level: 'should',
    name: 'An error has the id of its request, which finds it in the log of the server.',
    source: { page: 'openapi.yaml, schema ErrorResponse' },
    call: 'deleteKey',
    play: deletedKey,
    judge: ({ reported, state }) =>
      unless([
        reported.error?.requestId === state.lastRequestId,
        `the error has the request id ${shown(reported.error?.requestId)}, not ${state.lastRequestId}`,
      ]),
  },
  {
    id: 'every-problem',
    topic: 'errors',
    level: 'should',
    name: 'An error about invalid input has every problem.',
    source: contract('A validation error lists every problem at once in `error.errors`.'),
    call: 'createKey',
    play: (_, { problem }) => ({
      refuse: problem('unkey/application/invalid_input', {}, (body) => {
        Object.assign(body.error ?? {}, { errors: twoProblems });
      }),
    }),
    judge: ({ reported }) => {
      const wanted = twoProblems.map(({ location }) => location);
      return unless([
        shown(reported.error?.locations) === shown(wanted),
        `the error has the locations ${shown(reported.error?.locations)}, not ${wanted}`,
      ]);
    },
  },
  {
    id: 'page-of-a-proxy',
    topic: 'errors',
    level: 'must',
    name: 'The page of a proxy with status 403 is an error with that status.',
    source: rfc9110('15.5'),
    call: 'getSession',
    play: () => ({ refuse: page(403) }),
    judge: (scene) => fails(scene, 403),
  },
  {
    id: 'foreign-success',
    topic: 'errors',
    level: 'must',
    name: 'A 200 that is not from the server, such as the page of a proxy, is no success.',
    source: { page: 'openapi.yaml, schema GetSessionResponse' },
    call: 'getSession',
    play: () => ({ refuse: page(200) }),
    judge: (scene) => fails(scene),
  },
  {
    id: 'cut-success',
    topic: 'errors',
    level: 'must',
    name: 'A success that is cut off is no success.',
    source: { page: 'RFC 9112, section 8' },
    call: 'verifyKey',
    play: () => 'cut',
    judge: (scene) => [...sentOnce(scene), ...fails(scene)],
  },
  {
    id: 'new-fields',
    topic: 'growth',
    level: 'must',
    name: 'A success with fields that the contract does not have yet is a success.',
    source: grows,
    call: 'createKey',
    play: () => ({
      change: (body: Body) => {
        for (const part of [body, body.meta, body.data ?? {}])
          Object.assign(part, { addedLater: { list: [1, 'two', null] } });
      },
    }),
    judge: (scene) => succeeds(scene, 'key_EXAMPLE1'),
  },
  {
    id: 'new-values',
    topic: 'growth',
    level: 'must',
    name: 'A value that an open enum does not have yet reaches the program.',
    source: grows,
    call: 'verifyKey',
    play: () => ({
      change: ({ data }: Body) => {
        Object.assign(data ?? {}, { valid: false, code: 'ADDED_LATER' });
      },
    }),
    judge: (scene) => succeeds(scene, 'ADDED_LATER'),
  },
  {
    id: 'new-errors',
    topic: 'growth',
    level: 'must',
    name: 'An error and a status that the contract does not have yet reach the program.',
    source: grows,
    call: 'verifyKey',
    play: newError(418, 'https://unkey.com/docs/errors/unkey/data/added_later'),
    judge: (scene) => fails(scene, 418, 'unkey/data/added_later'),
  },
  {
    id: 'redirect-keeps-credential',
    topic: 'redirects',
    level: 'must',
    name: 'A redirect to another host does not get the root key.',
    source: removing,
    call: 'createKey',
    play: (_, { elsewhere }) => ({ refuse: page(307, { Location: `${elsewhere}/v2/keys.createKey` }) }),
    judge: ({ requests, strayed }) =>
      unless(
        [requests.length > 0, 'the client sent no request'],
        [!strayed.some((request) => has(request, credentials.ROOT_KEY)), 'the other host got the root key'],
      ),
  },
  {
    id: 'redirect-keeps-body',
    topic: 'redirects',
    level: 'must',
    name: 'A redirect to another host does not get the API key in the body.',
    source: removing,
    call: 'verifyKey',
    play: (_, { elsewhere }) => ({ refuse: page(307, { Location: `${elsewhere}/v2/keys.verifyKey` }) }),
    judge: ({ requests, strayed }) =>
      unless(
        [requests.length > 0, 'the client sent no request'],
        [!strayed.some((request) => has(request, credentials.API_KEY)), 'the other host got the API key'],
      ),
  },
  {
    id: 'redirect-no-success',
    topic: 'redirects',
    level: 'must',
    name: 'A redirect to a page, such as that of a login, is no success.',
    source: { page: 'openapi.yaml, schema GetSessionResponse' },
    call: 'getSession',
    play: (_, { elsewhere }) => ({ refuse: page(302, { Location: `${elsewhere}/login` }) }),
    judge: (scene) => fails(scene),
  },
];
