import type { Call, Defect, Reply } from './proxy.ts';

/** A server with one defect, and the check that must fail. */
export interface Mutant {
  name: string;
  /** Matches the titles of the checks of the broken promise; one of them must fail. */
  breaks: RegExp;
  /** Creates a new defect for every run, because a defect can have state. */
  createDefect: () => Defect;
}

/** What mutants need to know about the healthy server. */
export interface MutantOptions {
  rootKey: string;
  foreignRootKey: string;
  slug: string;
  disabledSlug: string;
  openapiUrl: string;
}

/** The parts of a response body that mutants read. */
export interface Envelope {
  meta: Record<string, unknown>;
  data?: Record<string, unknown> & { portal?: Record<string, unknown> };
  error?: Record<string, unknown> & { type: string; errors?: Record<string, unknown>[] };
}

/** A response body as an envelope; empty if the body is not an object. */
export const envelope = ({ body }: Reply): Envelope =>
  typeof body === 'object' && body !== null ? (body as Envelope) : { meta: {} };

/** Changes matching responses. */
export const onReply = (
  name: string,
  breaks: RegExp,
  when: (reply: Reply, call: Call) => boolean,
  change: (reply: Reply, call: Call) => Partial<Reply>,
): Mutant => ({
  name,
  breaks,
  createDefect: () => ({
    onReply: (reply, call) => (when(reply, call) ? { ...reply, ...change(reply, call) } : reply),
  }),
});

/** Changes matching calls before the healthy server receives them. */
export const onCall = (
  name: string,
  breaks: RegExp,
  when: (call: Call) => boolean,
  change: (call: Call) => Partial<Call>,
): Mutant => ({
  name,
  breaks,
  createDefect: () => ({
    onCall: (call, forward) => (when(call) ? forward({ ...call, ...change(call) }) : undefined),
  }),
});

/** Whether a response is a success of the operation, or of any operation. */
export const succeeds =
  (operation?: string) =>
  ({ status, body }: Reply, call: Call): boolean =>
    status === 200 && typeof body === 'object' && (operation === undefined || call.operation === operation);

/** Whether a response is the error with this code, or any error. */
export const failsWith =
  (code?: string) =>
  (reply: Reply): boolean => {
    const type = envelope(reply).error?.type;
    return type !== undefined && (code === undefined || type.endsWith(`/${code}`));
  };

/** Overrides fields of `data`; undefined removes a field. */
export const withData = (reply: Reply, over: Record<string, unknown>): Partial<Reply> => {
  const { data, ...rest } = envelope(reply);
  return { body: { ...rest, data: { ...data, ...over } } };
};

/** Overrides fields of `error`; undefined removes a field. */
export const withError = (reply: Reply, over: Record<string, unknown>): Partial<Reply> => {
  const { error, ...rest } = envelope(reply);
  return { body: { ...rest, error: { ...error, ...over } } };
};

/** Replaces the code in `error.type`. */
export const withCode = (reply: Reply, code: string): Partial<Reply> =>
  withError(reply, { type: String(envelope(reply).error?.type).replace(/\/errors\/.*$/, `/errors/${code}`) });

/** Overrides headers; undefined removes a header. */
export const withHeaders = ({ headers }: Reply, over: Reply['headers']): Partial<Reply> => ({
  headers: { ...headers, ...over },
});

/** The one cookie that a response sets. */
export const cookieOf = ({ headers }: Reply): string => [headers['set-cookie'] ?? []].flat().join('');

/** Overrides fields of the JSON body; undefined removes a field. */
export const withBody = ({ json }: Call, over: Record<string, unknown>): Partial<Call> => {
  const changed = { ...(json as Record<string, unknown>), ...over };
  return { json: changed, text: JSON.stringify(changed) };
};

/** A call's JSON body as an object. */
export const bodyOf = ({ json }: Call): Record<string, unknown> =>
  typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};

/** The bearer token of a call. */
export const bearerOf = ({ headers }: Call): string => String(headers['authorization'] ?? '').replace(/^Bearer /i, '');
