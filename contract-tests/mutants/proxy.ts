import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the healthy server. */
export interface Call {
  method: string;
  /** Path and query. */
  url: string;
  /** The operationId that the path names, such as `portal.createSession`. */
  operation: string;
  headers: Record<string, string | string[] | undefined>;
  /** The body as it was sent. */
  bytes: Buffer;
  /** The body as text, and parsed if it is JSON. */
  text: string;
  json: unknown;
}

/** A response of the healthy server. */
export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** A defect: how it changes requests and responses. It can have state. */
export interface Defect {
  /** Changes the call, or responds without the server. */
  onCall?(call: Call, forward: (call: Call) => Promise<Reply>): Promise<Reply | undefined> | undefined;
  /** Changes the response. */
  onReply?(reply: Reply, call: Call): Reply | undefined;
}

/** A proxy that forwards everything and adds one defect. */
export interface Proxy {
  url: string;
  stop(): Promise<void>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Starts a proxy with a defect in front of a server. */
export async function startProxy(target: string, { onCall, onReply }: Defect): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  let ownHost = '';

  async function forward({ method, url, headers, bytes, text }: Call): Promise<Reply> {
    // A defect changes the text. Otherwise the bytes count, which may be no text.
    const body = text === bytes.toString() ? bytes : Buffer.from(text);
    const length = body.length === 0 ? undefined : String(body.length);
    const { 'content-length': _, 'transfer-encoding': __, host, ...others } = headers;
    // A client that names the proxy means the server. Another name is that of a portal.
    const rest = { ...others, ...(host !== ownHost && { host }) };
    const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const sent = request(target + url, {
      agent,
      method,
      headers: { ...kept, ...(length && { 'content-length': length }) },
    });
    // `once` reports errors before the response, and reading the body reports those after it.
    sent.on('error', () => {});
    sent.end(body);
    const [message] = (await once(sent, 'response')) as [IncomingMessage];
    const response = (await bytesOf(message)).toString();
    return { status: message.statusCode ?? 0, headers: message.headers, body: parsed(response) ?? response };
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const bytes = await bytesOf(req);
    const text = bytes.toString();
    const url = req.url ?? '/';
    const operation = /^\/v2\/([^?]*)/.exec(url)?.[1] ?? '';
    const call: Call = {
      method: req.method ?? '',
      url,
      operation,
      headers: req.headers,
      bytes,
      text,
      json: parsed(text),
    };
    const healthy = (await onCall?.(call, forward)) ?? (await forward(call));
    const { status, headers, body } = onReply?.(healthy, call) ?? healthy;
    const { 'content-length': _, 'transfer-encoding': __, connection: ___, 'keep-alive': ____, ...rest } = headers;
    for (const [name, value] of Object.entries(rest)) if (value !== undefined) res.setHeader(name, value);
    res.statusCode = status;
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  const server = createServer((req, res) => {
    serve(req, res).catch(() => res.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ownHost = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${ownHost}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
