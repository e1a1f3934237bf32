/** Starts a peer as Portico starts: one process, or as many as `WORKERS` says on one port. */
import cluster from 'node:cluster';

/** @param start starts the server of one process on the port that the benchmark assigns */
export async function listen(start: (port: number) => Promise<void>): Promise<void> {
  const workers = Number(process.env['WORKERS'] ?? 1);
  if (workers > 1 && cluster.isPrimary) for (let i = 0; i < workers; i++) cluster.fork();
  else await start(Number(process.env['PORT']));
}
