import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { AggregatorRegistry } from 'prom-client';

/** What can be scraped: one process's registry, or that of all workers together. */
interface Scraped {
  contentType: string;
  metrics(): Promise<string>;
}

/**
 * Serves the registry at `/metrics` of a port of its own, so that no proxy in front of the portal can let strangers at it.
 *
 * @throws where it cannot listen
 */
export async function serveMetrics(registry: Scraped, { port, host }: { port: number; host: string }): Promise<Server> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, async (req, res) => {
    if (req.url !== '/metrics' || req.method !== 'GET') {
      res.writeHead(404).end();
      return;
    }
    try {
      const text = await registry.metrics();
      res.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).end(text);
    } catch {
      res.writeHead(500).end();
    }
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** Serves what all workers of this process have counted, each series as their sum. Does not keep the process alive. */
export async function serveWorkersMetrics(where: { port: number; host: string }): Promise<Server> {
  const workers = new AggregatorRegistry();
  const metrics = () => workers.clusterMetrics();
  const server = await serveMetrics({ contentType: workers.contentType, metrics }, where);
  return server.unref();
}
