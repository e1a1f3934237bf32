/**
 * An open-loop load: requests come at a rate, whether the server responds or not, as those of many independent users do. The latency
 * of a request counts from the moment at which it was due, so a server that is slow cannot hide it by delaying the load.
 */
import { createConnection, type Socket } from 'node:net';

/** How often requests are sent, in ms. */
const tickMs = 2;
/** A response that takes longer is worth nothing to its caller, in ms. */
export const deadlineMs = 1000;

/** What the callers got. Latencies are in ms. */
export interface Outcome {
  /** 200 within the deadline, per second. */
  goodput: number;
  ok: number;
  /** 503 or 429 with `Retry-After`. */
  refused: number;
  /** 200 after the deadline, or no response when the load ended, more than a deadline after the request was due. */
  late: number;
  /** Any other response, or a connection that was cut. */
  broken: number;
  /** The first such response. */
  example: string;
  okP50: number;
  okP99: number;
  refusedP99: number;
}

/** A connection with at most one request. */
interface Line {
  socket: Socket;
  text: string;
  dueAt: number;
}

const at = (values: number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;

/** Whether the text is a whole response, and of which kind. */
function kindOf(text: string): 'ok' | 'refused' | 'broken' | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1]);
  if (text.length < end + 4 + length) return undefined;
  const status = text.slice(9, 12);
  if (status === '200') return 'ok';
  const isRefusal = (status === '503' || status === '429') && /\r\nretry-after: \d/i.test(text.slice(0, end));
  return isRefusal ? 'refused' : 'broken';
}

/** Requests that wait for a connection, oldest first, by the moment at which they were due. It never holds more than a deadline's worth. */
class Queue {
  #due: number[] = [];
  #head = 0;

  push(dueAt: number): void {
    this.#due.push(dueAt);
  }
  /** The oldest one. */
  shift(): number | undefined {
    const first = this.#due[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    // `Array.shift` moves all others, which takes longer than the server once there are thousands.
    if (this.#head > 10_000) {
      this.#due = this.#due.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
  /** Removes those which were due before, and returns how many. Their callers have given up. */
  dropBefore(time: number): number {
    let dropped = 0;
    while ((this.#due[this.#head] ?? time) < time) {
      this.shift();
      dropped += 1;
    }
    return dropped;
  }
}

/**
 * Sends the requests in turn, again and again.
 *
 * @param rate requests per second; infinite sends the next one with each response, which finds the capacity
 * @param connections how many connections there are: requests that find none wait, and their time counts. Who has waited for longer than the
 *   deadline gives up, and counts as late
 */
export async function sendOpenLoop(
  port: number,
  requests: readonly Buffer[],
  { rate, connections, seconds }: { rate: number; connections: number; seconds: number },
): Promise<Outcome> {
  const idle: Line[] = [];
  const all = new Set<Line>();
  const waiting = new Queue();
  let turn = 0;
  let example = '';
  const latencies = { ok: [] as number[], refused: [] as number[] };
  const counts = { ok: 0, refused: 0, late: 0, broken: 0 };
  const isClosed = rate === Number.POSITIVE_INFINITY;
  let isOver = false;

  const send = (line: Line, dueAt: number) => {
    line.dueAt = dueAt;
    line.text = '';
    line.socket.write(requests[turn++ % requests.length] ?? '');
  };
  const next = (line: Line) => {
    if (isOver) return;
    const dueAt = isClosed ? performance.now() : waiting.shift();
    if (dueAt === undefined) idle.push(line);
    else send(line, dueAt);
  };
  const open = () =>
    new Promise<void>((opened) => {
      const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
      const line: Line = { socket, text: '', dueAt: 0 };
      all.add(line);
      socket.setEncoding('latin1');
      socket.on('connect', () => {
        opened();
        next(line);
      });
      socket.on('data', (chunk) => {
        line.text += chunk;
        const kind = kindOf(line.text);
        if (kind === undefined) return;
        const ms = performance.now() - line.dueAt;
        if (kind === 'ok' && ms > deadlineMs) counts.late += 1;
        else counts[kind] += 1;
        if (kind === 'broken') example ||= line.text;
        else latencies[kind].push(ms);
        line.dueAt = 0;
        next(line);
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        all.delete(line);
        if (idle.includes(line)) idle.splice(idle.indexOf(line), 1);
        if (!isOver && line.dueAt > 0) counts.broken += 1;
        if (!isOver) void open();
        opened();
      });
    });
  await Promise.all(Array.from({ length: connections }, open));

  const begun = performance.now();
  let sent = 0;
  const clock = setInterval(() => {
    if (isClosed) return;
    const now = performance.now();
    counts.late += waiting.dropBefore(now - deadlineMs);
    for (const due = Math.floor(((now - begun) / 1000) * rate); sent < due; sent++) {
      const dueAt = begun + (sent / rate) * 1000;
      // The one that has been idle for the longest: a proxy closes connections that are not used.
      const line = idle.shift();
      if (line === undefined) waiting.push(dueAt);
      else send(line, dueAt);
    }
  }, tickMs);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  clearInterval(clock);
  isOver = true;
  const now = performance.now();
  counts.late += waiting.dropBefore(now - deadlineMs);
  for (const { dueAt } of all) if (dueAt > 0 && now - dueAt > deadlineMs) counts.late += 1;
  const closed = [...all].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  for (const { socket } of all) socket.destroy();
  await Promise.all(closed);
  return {
    ...counts,
    example,
    goodput: counts.ok / ((now - begun) / 1000),
    okP50: at(latencies.ok, 0.5),
    okP99: at(latencies.ok, 0.99),
    refusedP99: at(latencies.refused, 0.99),
  };
}

/** Clients that are slow on purpose: half of them send a body of one byte per second, the others never read. */
export function slowClients(port: number, request: Buffer, many: number): { stop(): void } {
  const head = request.subarray(0, request.indexOf('\r\n\r\n') + 5);
  const sockets = Array.from({ length: many }, (_, i) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    if (i % 2 === 0) socket.write(head);
    else {
      socket.pause();
      for (let sent = 0; sent < 50; sent++) socket.write(request);
    }
    return socket;
  });
  const timer = setInterval(() => {
    for (const [i, socket] of sockets.entries()) if (i % 2 === 0 && socket.writable) socket.write(' ');
  }, 1000);
  return {
    stop() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}
