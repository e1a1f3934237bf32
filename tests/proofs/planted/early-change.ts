/** A server that acknowledges a change before replicas have it, also if REDIS_WAIT_REPLICAS asks for it. */
import { plant } from '../../support/plant.ts';

plant(
  'store/redis/replication.ts',
  'await waiter.wait(',
  'void (async (mark: string) => waiter.wait(mark).catch(() => {}))(',
);
