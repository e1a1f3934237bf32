/** Node's own HTTP server, without a framework. */
import { createServer } from 'node:http';
import { listen } from './listen.ts';
import { createResponder, type Measured, measured } from './smallest.ts';

const ids = new Map<string, Measured>(measured.map((id) => [`/v2/${id}`, id]));

await listen(async (port) => {
  const respond = await createResponder();
  createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', async () => {
      const id = ids.get(req.url ?? '');
      const found = id && (await respond(id, req.headers.authorization, JSON.parse(Buffer.concat(chunks).toString())));
      const body = JSON.stringify(found ?? {});
      res.writeHead(found === undefined ? 401 : 200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      });
      res.end(body);
    });
  }).listen(port, '127.0.0.1');
});
