/**
 * A server of a test run loads this first (`node --import`). It notes what the server issues and emits over HTTP: responses with their
 * headers, metrics among them, and the requests that it sends itself, traces among them.
 */
import { ClientRequest, ServerResponse } from 'node:http';
import { noteEmitted, noteIssued, secretFieldsVariable, shapesIn } from './record.ts';

const secretFields: Record<string, string[]> = JSON.parse(process.env[secretFieldsVariable] ?? '{}');
/** The operation whose response sets the token as a cookie. */
const setsCookie = '/v2/portal.exchangeSession';

const textOf = (chunk: unknown): string => {
  if (typeof chunk === 'string') return chunk;
  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    : '';
};

/** Whether a response is a built file. Those have no secrets, and are large. */
const isBuilt = ({ req }: ServerResponse): boolean => /^\/(assets\/|docs\b|openapi\.)/.test(String(req.url));

/** The secrets of a body that the contract puts there. */
function issuedBy(path: string, body: string): string[] {
  const fields = secretFields[path];
  if (fields === undefined || !body.startsWith('{')) return [];
  try {
    const { data = {} } = JSON.parse(body) as { data?: Record<string, unknown> };
    return fields.map((field) => data[field]).filter((value) => typeof value === 'string');
  } catch {
    return [];
  }
}

const bodies = new WeakMap<ServerResponse, string>();

function noteResponse(res: ServerResponse): void {
  const path = String(res.req.url).split('?')[0] as string;
  const body = bodies.get(res) ?? '';
  const secrets = issuedBy(path, body).join(' ');
  noteIssued(secrets);
  const head = String((res as ServerResponse & { _header?: string })._header ?? '');
  const headers = path === setsCookie ? head.replaceAll(/^set-cookie:.*$/gim, '') : head;
  noteEmitted('response', path.slice(0, 60), headers + body, new Set(shapesIn(secrets)));
}

function keep(res: ServerResponse, chunk: unknown): void {
  if (!isBuilt(res)) bodies.set(res, (bodies.get(res) ?? '') + textOf(chunk));
}

const { write, end } = ServerResponse.prototype;
ServerResponse.prototype.write = function (this: ServerResponse, chunk: unknown, ...rest: unknown[]) {
  keep(this, chunk);
  return Reflect.apply(write, this, [chunk, ...rest]);
};
ServerResponse.prototype.end = function (this: ServerResponse, chunk: unknown, ...rest: unknown[]) {
  keep(this, chunk);
  const ended = Reflect.apply(end, this, [chunk, ...rest]);
  noteResponse(this);
  return ended;
} as typeof end;

const request = { write: ClientRequest.prototype.write, end: ClientRequest.prototype.end };
ClientRequest.prototype.write = function (this: ClientRequest, chunk: unknown, ...rest: unknown[]) {
  noteEmitted('request', this.path.slice(0, 60), textOf(chunk));
  return Reflect.apply(request.write, this, [chunk, ...rest]);
};
ClientRequest.prototype.end = function (this: ClientRequest, chunk: unknown, ...rest: unknown[]) {
  noteEmitted('request', this.path.slice(0, 60), this.path + textOf(chunk));
  return Reflect.apply(request.end, this, [chunk, ...rest]);
} as typeof request.end;
