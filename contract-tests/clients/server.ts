/**
 * A server for one call of a client. It knows the operations of the documented calls, has their state, and can lose, damage or
 * refuse a response. Its responses are the examples of the contract.
 */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve, type Spec, specErrors, specOperations } from '../engine/spec.ts';
import type { DriverEnvironment } from './driver.ts';

/** A request that the server received. */
export interface Received {
  /** The operationId, or the path if it is none. */
  operation: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** When its headers arrived, in ms of the monotonic clock. */
  at: number;
  /** When the server began to send the response, in ms of the same clock, and in Unix ms. */
  answeredAt?: number;
}

/** A response as bytes. */
interface Reply {
  status: number;
  headers: Record<string, string | string[]>;
  body: string;
}

/** What the server does with the response of a request. */
type Act =
  /** Does what the request asks, and closes the connection instead of sending the response, or in the middle of it. */
  | 'lost'
  | 'cut'
  /** Does what the request asks, and sends another response. */
  | { instead: Reply }
  /** Does nothing, and sends this. */
  | { refuse: Reply }
  /** Never responds. */
  | 'silent'
  /** Changes the body of its own response. */
  | { change: (body: Body) => void };

/** A parsed body in the format of the contract. */
export interface Body {
  meta: Record<string, unknown>;
  data?: Record<string, unknown>;
  error?: Record<string, unknown>;
  [field: string]: unknown;
}

/** What happens to the nth request, counted from 1; undefined if the server is healthy. */
export type Play = (nth: number, tools: Tools) => Act | undefined;

/** What a play can use. */
interface Tools {
  /** The response with this error of the catalogue. */
  problem(code: string, headers?: Record<string, string>, change?: (body: Body) => void): Reply;
  /** The origin of another host. */
  elsewhere: string;
}

/** What the requests have changed, and the ids of the responses. */
export interface State {
  /** The bodies of keys.createKey that made a key. */
  created: string[];
  verifications: number;
  deletions: number;
  /** The request id of the last response. */
  lastRequestId: string;
}

/** The credentials of a call. Nothing else knows them, so that the judge finds them wherever they appear. */
export const credentials = {
  ROOT_KEY: 'rk_EXAMPLEonlyTheJudgeKnowsThisRootKey01',
  API_KEY: 'pay_EXAMPLEonlyTheJudgeKnowsThisApiKey01',
  SESSION_TOKEN: 'ps_EXAMPLEonlyTheJudgeKnowsThisToken0001',
  SESSION_ID: 'pst_EXAMPLEonlyTheJudgeKnowsThisSession01',
  OTHER_SESSION_ID: 'pst_EXAMPLEonlyTheJudgeKnowsThisSession02',
} as const;

/** The tokens of the two sessions of `signIn`, and the users of all tokens. */
export const tokens = {
  first: 'ps_EXAMPLEonlyTheJudgeKnowsThisToken0002',
  second: 'ps_EXAMPLEonlyTheJudgeKnowsThisToken0003',
} as const;
export const users = { session: 'user_123', first: 'user_1', second: 'user_2' } as const;

const byToken: Record<string, string> = {
  [credentials.SESSION_TOKEN]: users.session,
  [tokens.first]: users.first,
  [tokens.second]: users.second,
};
const bySession: Record<string, string> = {
  [credentials.SESSION_ID]: tokens.first,
  [credentials.OTHER_SESSION_ID]: tokens.second,
};

export const ids = { API_ID: 'api_2c9a0jf23l4k567mnopq', KEY_ID: 'key_2c9a0jf23l4k567mnopq' } as const;

/** An error of the catalogue, before it is a response. */
class Refused extends Error {}

/** A page that a proxy in front of the server sends. */
export const page = (status: number, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'Content-Type': 'text/html', ...headers },
  body: `<html><body><h1>${status}</h1></body></html>`,
});

const bearerOf = ({ authorization }: IncomingHttpHeaders): string | undefined =>
  /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
const cookieOf = ({ cookie }: IncomingHttpHeaders): string | undefined =>
  /portal_session=([^;]+)/.exec(cookie ?? '')?.[1];

const textOf = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

async function listen(server: Server, host: string): Promise<string> {
  server.listen(0, host);
  await once(server, 'listening');
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** What the healthy server does and returns, by operation. */
function operationsOf(state: State): Record<string, (input: Record<string, unknown>, request: Received) => object> {
  const made = new Map<string, { body: string; keyId: string }>();
  return {
    'keys.createKey'(_, { headers, body }) {
      const idempotencyKey = headers['idempotency-key'];
      const before = typeof idempotencyKey === 'string' ? made.get(idempotencyKey) : undefined;
      if (before !== undefined && before.body !== body) throw new Refused('user/idempotency/key_reused');
      if (before !== undefined) return { keyId: before.keyId };
      const keyId = `key_EXAMPLE${state.created.push(body)}`;
      if (typeof idempotencyKey === 'string') made.set(idempotencyKey, { body, keyId });
      return { keyId };
    },
    'keys.updateKey': ({ keyId }) => ({ keyId }),
    'keys.verifyKey'() {
      state.verifications += 1;
      return { code: 'VALID' };
    },
    'keys.deleteKey'({ keyId }) {
      state.deletions += 1;
      if (state.deletions > 1) throw new Refused('unkey/data/key_not_found');
      return { keyId };
    },
    'portal.exchangeSession'({ sessionId }) {
      const token = bySession[String(sessionId)];
      if (token === undefined) throw new Refused('unkey/authentication/portal_session_not_found');
      return { token };
    },
    'portal.getSession'(_, { headers }) {
      const externalId = byToken[bearerOf(headers) ?? cookieOf(headers) ?? ''];
      if (externalId === undefined) throw new Refused('unkey/authentication/portal_session_not_found');
      return { externalId };
    },
  };
}

/** A running server, and all that it saw. */
export interface Stage {
  env: DriverEnvironment;
  state: State;
  requests: Received[];
  /** The requests to the other host. */
  strayed: Received[];
  stop(): Promise<void>;
}

/** Returns a function that starts a server for one call, on two loopback ports: one is that of another host. */
export function stageFor(spec: Spec): (play?: Play) => Promise<Stage> {
  const operations = new Map(specOperations(spec).map((operation) => [operation.path, operation]));
  const catalogue = new Map(specErrors(spec).map((error) => [error.code, error]));

  /** The first example of a response. */
  function exampleOf(path: string, status: string): Body {
    const responses = operations.get(path)?.responses ?? {};
    const response = responses[status] === undefined ? undefined : resolve(spec, responses[status]);
    const [example] = Object.values(response?.content?.['application/json']?.examples ?? {});
    return structuredClone((example === undefined ? undefined : resolve(spec, example))?.value) as Body;
  }

  return async (play = () => undefined) => {
    const requests: Received[] = [];
    const strayed: Received[] = [];
    const state: State = { created: [], verifications: 0, deletions: 0, lastRequestId: '' };
    const handlers = operationsOf(state);
    let elsewhere = '';

    const jsonReply = (status: number, body: Body, headers: Reply['headers'] = {}): Reply => {
      state.lastRequestId = `req_EXAMPLE${requests.length}`;
      body.meta['requestId'] = state.lastRequestId;
      const all = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers };
      return { status, headers: all, body: JSON.stringify(body) };
    };
    const problem: Tools['problem'] = (code, headers = {}, change = () => {}) => {
      const found = catalogue.get(code);
      if (found === undefined) throw new Error(`openapi.yaml has no error ${code}`);
      const value = structuredClone(spec.components.examples[code.replaceAll('/', '.')]?.value);
      const body = value as unknown as Body;
      change(body);
      return jsonReply(found.status, body, headers);
    };

    /** Does what the request asks, as the contract describes it. */
    function work(request: Received, change: (body: Body) => void = () => {}): Reply {
      const isForUser = request.operation.startsWith('portal.');
      const handle = handlers[request.operation];
      if (handle === undefined) return problem('user/bad_request/route_not_found');
      if (!isForUser && bearerOf(request.headers) !== credentials.ROOT_KEY)
        return problem(`unkey/authentication/${request.headers.authorization ? 'key_not_found' : 'missing'}`);
      try {
        const input: unknown = JSON.parse(request.body || '{}');
        if (typeof input !== 'object' || input === null) return problem('unkey/application/invalid_input');
        const result = handle(input as Record<string, unknown>, request);
        const body = exampleOf(request.url, '200');
        Object.assign(body.data ?? {}, result);
        change(body);
        const cookie =
          'token' in result ? [`portal_session=${result.token}; Path=/; HttpOnly; SameSite=Lax`] : undefined;
        return jsonReply(200, body, cookie === undefined ? {} : { 'Set-Cookie': cookie });
      } catch (error) {
        if (error instanceof Refused) return problem(error.message);
        return problem('unkey/application/invalid_input');
      }
    }

    function write(request: Received, { status, headers, body }: Reply, res: ServerResponse, cut = false): void {
      request.answeredAt = performance.now();
      res.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
      if (!cut) res.end(body);
      else res.write(body.slice(0, body.length / 2), () => res.destroy());
    }

    const receive = (into: Received[], answer: (request: Received, res: ServerResponse) => void) =>
      createServer(async (req, res) => {
        const at = performance.now();
        const { url = '', headers } = req;
        const operation = operations.get(url)?.operationId ?? url;
        const request: Received = { operation, url, headers, body: '', at };
        into.push(request);
        try {
          request.body = await textOf(req);
          answer(request, res);
        } catch {
          // The client has gone.
          res.destroy();
        }
      });

    const server = receive(requests, (request, res) => {
      const act = play(requests.indexOf(request) + 1, { problem, elsewhere });
      if (act === 'silent') return;
      if (typeof act === 'object' && 'refuse' in act) {
        write(request, act.refuse, res);
        return;
      }
      const reply = work(request, typeof act === 'object' && 'change' in act ? act.change : undefined);
      if (act === 'lost') res.destroy();
      else if (typeof act === 'object' && 'instead' in act) write(request, act.instead, res);
      else write(request, reply, res, act === 'cut');
    });
    const other = receive(strayed, (request, res) => write(request, page(200), res));
    const baseUrl = await listen(server, '127.0.0.1');
    elsewhere = await listen(other, 'localhost');
    return {
      env: { BASE_URL: baseUrl, ...credentials, ...ids },
      state,
      requests,
      strayed,
      stop: async () => {
        await Promise.all([close(server), close(other)]);
      },
    };
  };
}
