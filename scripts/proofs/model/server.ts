/** The server of the proof: the whole app in this process, on a real Redis. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../../src/server/app.ts';
import { commandLine } from '../../../src/server/cli/operator.ts';
import { readConfig } from '../../../src/server/config/index.ts';
import { rootKeyRef } from '../../../src/server/domain/credentials.ts';
import { createRootKey } from '../../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../../src/server/domain/workspaces/workspaces.ts';
import { createStore } from '../../../src/server/store/index.ts';
import { connectRedis } from '../../../src/server/store/redis.ts';
import '../../../tests/support/patient-redis.ts';
import { type Hooks, withHooks } from '../../../tests/support/redis-hooks.ts';
import { maxKeys, readerPermissions, World } from './world.ts';

/** A server, and new workspaces in it. */
export interface ProofServer {
  url: string;
  newWorld(): Promise<World>;
  /** Another root key of the workspace that a root key belongs to. */
  newRootKey(rootKey: string, permissions: string[]): Promise<string>;
  /** Changes the text of scripts from now on: a planted fault. Undefined leaves them as they are. */
  plant(changed: Hooks['changed']): void;
  stop(): Promise<void>;
}

/**
 * Starts the server.
 *
 * @param redisEnv the settings for its Redis
 */
export async function startProofServer(redisEnv: Record<string, string>): Promise<ProofServer> {
  // Compiling the contract takes most of the time of a short proof, and twice as long for responses too.
  const config = readConfig({
    ...{ ...redisEnv, PORTAL_BASE_URL: 'https://portal.acme.example', OPENAPI_ALLOW_PRIVATE: 'true' },
    VALIDATE_RESPONSES: 'false',
    ...{ MAX_KEYS_PER_USER_AND_API: String(maxKeys), RATE_LIMIT_ROOT_KEY: '0', RATE_LIMIT_SESSION: '0' },
    ...{ RATE_LIMIT_EXCHANGE: '0', RATE_LIMIT_FAILED_AUTHENTICATION: '0', MAX_SESSIONS_PER_USER: '100000' },
  });
  const redis = connectRedis(config.redis);
  await redis.ready;
  const hooks: Hooks = {};
  const store = createStore(withHooks(redis, hooks), config.audit, config.rateLimits, config.limits);
  const { app, warmUp } = createApp({ config, store, log: pino({ level: 'silent' }) });
  await warmUp();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    plant(changed) {
      hooks.changed = changed;
    },
    async newWorld() {
      const world = new World();
      const { workspaceId, rootKey } = await createWorkspace(store, { name: 'Model' }, commandLine);
      const reader = await createRootKey(store, { workspaceId, permissions: readerPermissions }, commandLine);
      world.rootKey.value = rootKey;
      world.readerKey.value = reader.rootKey;
      return world;
    },
    async newRootKey(rootKey, permissions) {
      const { workspaceId = '' } = rootKeyRef(rootKey) ?? {};
      return (await createRootKey(store, { workspaceId, permissions }, commandLine)).rootKey;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await store.close();
    },
  };
}
