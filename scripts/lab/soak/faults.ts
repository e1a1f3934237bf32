/** The faults, one a minute. Each one is real, and states which failures it explains. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { type LocalRedis, startRedis } from '../../../tests/support/redis.ts';
import type { LocalServer } from '../../../tests/support/server.ts';
import type { Tolerance } from './judge.ts';
import { stallMs } from './measure.ts';
import type { Place } from './servers.ts';

/** The processes that the faults act on. */
export interface Stage {
  redis: LocalRedis;
  directory: string;
  /** `steady` runs the whole time, so that its memory can be followed. Faults stop and restart `restarted`. */
  steady: Place;
  restarted: Place;
  restart(port: number): Promise<LocalServer>;
}

/** Redis then records its own stalls, which a busy disk can cause. */
export const redisOptions = ['--latency-monitor-threshold', String(stallMs)];

/** A fault. `inject` resolves when the cause of the failures is over. */
export interface Fault {
  name: string;
  tolerance: Tolerance;
  inject(stage: Stage): Promise<void>;
}

const kill = async (process: LocalServer['process']) => {
  const exited = once(process, 'exit');
  process.kill('SIGKILL');
  await exited;
};

/** The number of concurrent slow clients. */
const slowClients = 200;

/** Each client sends one header line a second and never ends its request, until the server closes the connection. */
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

/** The faults in order. The soak test repeats them. */
export const faults: Fault[] = [
  {
    name: 'Redis killed (SIGKILL), restarted after a second',
    tolerance: { unavailable: true },
    async inject(stage) {
      await kill(stage.redis.process);
      await sleep(1000);
      stage.redis = await startRedis({ directory: stage.directory, port: stage.redis.port, options: redisOptions });
    },
  },
  {
    name: 'server stopped (SIGTERM) and restarted',
    tolerance: { unavailable: false },
    async inject({ restarted, restart }) {
      const { port } = restarted.server;
      await restarted.server.stop();
      restarted.server = await restart(port);
    },
  },
  {
    name: 'Redis paused for 3 s (SIGSTOP)',
    tolerance: { unavailable: true },
    async inject({ redis }) {
      redis.process.kill('SIGSTOP');
      await sleep(3000);
      redis.process.kill('SIGCONT');
    },
  },
  {
    name: 'server killed (SIGKILL) and restarted',
    tolerance: { unavailable: false, silent: 'restarted' },
    async inject({ restarted, restart }) {
      const { port } = restarted.server;
      await kill(restarted.server.process);
      restarted.server = await restart(port);
    },
  },
  {
    name: 'all Redis connections closed, five times in a second',
    tolerance: { unavailable: true },
    async inject({ redis }) {
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
    inject: ({ steady }) => dribble(steady.server.port),
  },
];
