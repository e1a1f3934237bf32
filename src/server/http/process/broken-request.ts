/** Malformed and incomplete requests get an error response in the envelope, if the connection still allows one. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { newId } from '../../domain/credentials.ts';
import { invalidInput, Problem } from '../../problem.ts';
import { errorBody } from '../problem-response.ts';

/** Node stores the current response of a connection here. */
interface BusySocket extends Socket {
  _httpMessage?: { headersSent: boolean } | null;
}

function problemOf(code: string): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('user/bad_request/request_headers_too_large');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('user/bad_request/request_body_too_large', {
        parameters: { limit: '100 kB' },
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('user/bad_request/request_timeout');
    default:
      return invalidInput({ location: 'request', message: 'is not well-formed HTTP', fix: 'Use an HTTP client.' });
  }
}

/**
 * Responds to requests that do not reach the app, and closes their connections, because the start of the next request is
 * unknown. An unknown expectation is ignored, as HTTP allows, so that the app responds.
 */
export function answerBrokenRequests(server: Server, docsBaseUrl: string, log: Logger): void {
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.on('clientError', (error: Error & { code?: string }, socket: BusySocket) => {
    const { code = '' } = error;
    // This response would be mixed with the one in progress.
    if (code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
      socket.destroy();
      return;
    }
    const requestId = newId('req');
    const problem = problemOf(code);
    const body = JSON.stringify(errorBody(problem, requestId, docsBaseUrl));
    // Only the code is logged: the error also has the raw packet, which can contain a credential.
    log.info({ requestId, status: problem.status, code }, 'a request was malformed');
    const head = [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    // Does not wait for a client that never closes its end.
    socket.setTimeout(2000, () => socket.destroy());
  });
}
