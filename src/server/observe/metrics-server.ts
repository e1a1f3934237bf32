import { createServer, type Server } from 'node:http';
import { AggregatorRegistry } from 'prom-client';
import { listen } from '../listen.ts';

/** What a scrape reads: the registry of one process, or of all workers together. */
interface Scraped {
  contentType: string;
  metrics(): Promise<string>;
}

/**
 * Serves the registry at `/metrics` on a separate port, so that a proxy in front of the portal cannot expose it.
 *
 * @throws ListenError
 */
export async function serveMetrics(registry: Scraped, where: { port: number; host: string }): Promise<Server> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, async (req, res) => {
    if (req.url?.split('?')[0] !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    try {
      const text = await registry.metrics();
      res.writeHead(200, { 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' }).end(text);
    } catch {
      res.writeHead(500).end();
    }
  });
  await listen(server, where, { port: 'METRICS_PORT', host: 'METRICS_HOST' });
  return server;
}

/**
 * Serves the sums of the series of all workers. Does not keep the process alive.
 *
 * @throws ListenError
 */
export async function serveWorkersMetrics(where: { port: number; host: string }): Promise<Server> {
  const workers = new AggregatorRegistry();
  const metrics = () => workers.clusterMetrics();
  const server = await serveMetrics({ contentType: workers.contentType, metrics }, where);
  return server.unref();
}
