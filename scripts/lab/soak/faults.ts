/** What goes wrong, a fault a minute: each is done for real, and says what it may bring about meanwhile. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { type LocalRedis, startRedis } from '../../../tests/support/redis.ts';
import type { LocalServer } from '../../../tests/support/server.ts';
import type { Tolerance } from './judge.ts';
import { stallMs } from './measure.ts';
import type { Place } from './servers.ts';

/** What faults are done to. */
export interface Stage {
  redis: LocalRedis;
  directory: string;
  /** The server that no fault ends, so that its memory can be followed, and the one that is ended again and again. */
  steady: Place;
  struck: Place;
  restart(port: number): Promise<LocalServer>;
}

/** So that Redis itself tells when it stood still, which a busy disk makes it do. */
export const redisOptions = ['--latency-monitor-threshold', String(stallMs)];

/** A fault; `strike` ends when the cause of it does. */
export interface Fault {
  name: string;
  tolerance: Tolerance;
  strike(stage: Stage): Promise<void>;
}

const killed = async (process: LocalServer['process']) => {
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  await exited;
};

/** How many clients dribble at once. */
const slowClients = 200;

/** Each of them sends a line of a request's head every second and never the end of it, for as long as the server lets it. */
async function dribble(port: number): Promise<void> {
  const sockets: Socket[] = [];
  for (let i = 0; i < slowClients; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('connect', () => socket.write('POST /v2/portal.exchangeSession HTTP/1.1\r\nHost: x\r\n'));
    socket.resume();
    sockets.push(socket);
  }
  for (let second = 0; second < 20; second++) {
    for (const socket of sockets) if (socket.writable) socket.write(`X-Dribble-${second}: x\r\n`);
    await sleep(1000);
  }
  for (const socket of sockets) socket.destroy();
}

/** The faults in their order, again and again. */
export const faults: Fault[] = [
  {
    name: 'Redis killed (SIGKILL), restarted after a second',
    tolerance: { unavailable: true },
    async strike(stage) {
      await killed(stage.redis.process);
      await sleep(1000);
      stage.redis = await startRedis({ directory: stage.directory, port: stage.redis.port, options: redisOptions });
    },
  },
  {
    name: 'server stopped (SIGTERM) and restarted',
    tolerance: { unavailable: false },
    async strike({ struck, restart }) {
      const { port } = struck.server;
      await struck.server.stop();
      struck.server = await restart(port);
    },
  },
  {
    name: 'Redis paused for 3 s (SIGSTOP)',
    tolerance: { unavailable: true },
    async strike({ redis }) {
      redis.process.kill('SIGSTOP');
      await sleep(3000);
      redis.process.kill('SIGCONT');
    },
  },
  {
    name: 'server killed (SIGKILL) and restarted',
    tolerance: { unavailable: false, silent: 'struck' },
    async strike({ struck, restart }) {
      const { port } = struck.server;
      await killed(struck.server.process);
      struck.server = await restart(port);
    },
  },
  {
    name: 'all Redis connections closed, five times in a second',
    tolerance: { unavailable: true },
    async strike({ redis }) {
      const admin = await createClient({ url: redis.url }).connect();
      for (let i = 0; i < 5; i++) {
        await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
        await sleep(200);
      }
      admin.destroy();
    },
  },
  {
    name: `${slowClients} clients that never finish their request headers, for 20 s`,
    tolerance: { unavailable: false },
    strike: ({ steady }) => dribble(steady.server.port),
  },
];
