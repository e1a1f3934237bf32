import { type Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import type { Draft } from './requests.ts';

/**
 * Sends a request over a connection of the agent.
 *
 * @throws Error without a response within 10 s
 */
export function sendDraft(port: number, agent: Agent, { method, path, headers, body }: Draft): Promise<ApiResponse> {
  return new Promise((done, fail) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        agent,
        method,
        path,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        const isJson = String(response.headers['content-type']).startsWith('application/json');
        done({ status: response.statusCode ?? 0, headers: response.headers, body: isJson ? JSON.parse(text) : text });
      },
    );
    sent.setTimeout(10_000, () => sent.destroy(new Error('no answer in time')));
    sent.on('error', fail);
    sent.end(body);
  });
}

/** Sends bytes over a new connection, closes its own end, and returns what it received. */
export function sendBytes(port: number, bytes: Buffer): Promise<string> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => done(received));
  });
}
