import type { Call, Misbehaviour, Reply } from './proxy.ts';

/** A server that breaks one promise, and the check that must notice. */
export interface Mutant {
  name: string;
  /** Matches the title of a check that must fail for it: the promise it breaks. */
  breaks: RegExp;
  /** Made afresh for every run, so that what it remembers is its own. */
  misbehave: () => Misbehaviour;
}

/** What a mutant must know of the server it stands in front of. */
export interface MutantWorld {
  rootKey: string;
  foreignRootKey: string;
  slug: string;
  disabledSlug: string;
  openapiUrl: string;
}

/** The body of an answer, as far as mutants look into it. */
export interface Envelope {
  meta: Record<string, unknown>;
  data?: Record<string, unknown> & { portal?: Record<string, unknown> };
  error?: Record<string, unknown> & { type: string; errors?: Record<string, unknown>[] };
}

/** An answer's body as an envelope; what is none comes out empty. */
export const envelope = ({ body }: Reply): Envelope =>
  typeof body === 'object' && body !== null ? (body as Envelope) : { meta: {} };

/** Changes answers that match. */
export const onReply = (
  name: string,
  breaks: RegExp,
  when: (reply: Reply, call: Call) => boolean,
  change: (reply: Reply, call: Call) => Partial<Reply>,
): Mutant => ({
  name,
  breaks,
  misbehave: () => ({
    onReply: (reply, call) => (when(reply, call) ? { ...reply, ...change(reply, call) } : reply),
  }),
});

/** Changes calls that match, before the healthy server sees them. */
export const onCall = (
  name: string,
  breaks: RegExp,
  when: (call: Call) => boolean,
  change: (call: Call) => Partial<Call>,
): Mutant => ({
  name,
  breaks,
  misbehave: () => ({
    onCall: (call, forward) => (when(call) ? forward({ ...call, ...change(call) }) : undefined),
  }),
});

/** Whether an answer is a success of the operation, or of any. */
export const succeeds =
  (operation?: string) =>
  ({ status, body }: Reply, call: Call): boolean =>
    status === 200 && typeof body === 'object' && (operation === undefined || call.operation === operation);

/** Whether an answer is the error with this code, or any error. */
export const failsWith =
  (code?: string) =>
  (reply: Reply): boolean => {
    const type = envelope(reply).error?.type;
    return type !== undefined && (code === undefined || type.endsWith(`/${code}`));
  };

/** The answer with something laid over its `data`; undefined takes a field away. */
export const withData = (reply: Reply, over: Record<string, unknown>): Partial<Reply> => {
  const { data, ...rest } = envelope(reply);
  return { body: { ...rest, data: { ...data, ...over } } };
};

/** The answer with something laid over its `error`. */
export const withError = (reply: Reply, over: Record<string, unknown>): Partial<Reply> => {
  const { error, ...rest } = envelope(reply);
  return { body: { ...rest, error: { ...error, ...over } } };
};

/** The answer with another code in its `error.type`. */
export const withCode = (reply: Reply, code: string): Partial<Reply> =>
  withError(reply, { type: String(envelope(reply).error?.type).replace(/\/errors\/.*$/, `/errors/${code}`) });

/** The answer with something laid over its headers; undefined takes one away. */
export const withHeaders = ({ headers }: Reply, over: Reply['headers']): Partial<Reply> => ({
  headers: { ...headers, ...over },
});

/** The one cookie that an answer sets. */
export const cookieOf = ({ headers }: Reply): string => [headers['set-cookie'] ?? []].flat().join('');

/** The call with something laid over its JSON body; undefined takes a field away. */
export const withBody = ({ json }: Call, over: Record<string, unknown>): Partial<Call> => {
  const changed = { ...(json as Record<string, unknown>), ...over };
  return { json: changed, text: JSON.stringify(changed) };
};

/** A call's JSON body as an object. */
export const bodyOf = ({ json }: Call): Record<string, unknown> =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};

/** The bearer token of a call. */
export const bearerOf = ({ headers }: Call): string => String(headers['authorization'] ?? '').replace(/^Bearer /i, '');
