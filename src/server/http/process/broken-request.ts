/** What is no HTTP, or never becomes a whole request, is answered in the envelope too, where it can be answered at all. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { newId } from '../../domain/credentials.ts';
import { invalidInput, Problem } from '../../problem.ts';
import { errorBody } from '../problem-response.ts';

/** Node's own mark of the answer that a connection is busy with. */
interface BusySocket extends Socket {
  _httpMessage?: { headersSent: boolean } | null;
}

function problemOf(code: string): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('user/bad_request/request_headers_too_large');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('user/bad_request/request_body_too_large');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('user/bad_request/request_timeout');
    default:
      return invalidInput({ location: 'request', message: 'is not well-formed HTTP', fix: 'Use an HTTP client.' });
  }
}

/**
 * Answers what never reached the app, and closes its connection: what comes next on it has no known beginning.
 * An expectation that nobody knows is passed over, as HTTP allows, so that the app answers.
 */
export function answerBrokenRequests(server: Server, docsBaseUrl: string, log: Logger): void {
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.on('clientError', (error: Error & { code?: string }, socket: BusySocket) => {
    const { code = '' } = error;
    // An answer that has begun would be mixed with this one.
    if (code === 'ECONNRESET' || !socket.writable || socket._httpMessage?.headersSent) {
      socket.destroy();
      return;
    }
    const requestId = newId('req');
    const problem = problemOf(code);
    const body = JSON.stringify(errorBody(problem, requestId, docsBaseUrl));
    // The code is Node's; the packet, which comes with it, may hold anything.
    log.info({ requestId, status: problem.status, code }, 'a request was broken');
    const head = [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
    // A client that does not close its end either is not waited for.
    socket.setTimeout(2000, () => socket.destroy());
  });
}
