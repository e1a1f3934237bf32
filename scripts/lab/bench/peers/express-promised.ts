/** The same as express.ts, with the work in Redis that keeps the promises of each call. */
import express from 'express';
import { listen } from './listen.ts';
import { createPromisedResponder } from './promised.ts';
import { measured } from './smallest.ts';

await listen(async (port) => {
  const respond = await createPromisedResponder();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  for (const id of measured) {
    app.post(`/v2/${id}`, express.json(), async (req, res) => {
      const response = await respond(id, req.headers.authorization, req.body);
      res.status(response === undefined ? 401 : 200).json(response ?? {});
    });
  }
  app.listen(port, '127.0.0.1');
});
