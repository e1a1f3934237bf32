/** The same as express.ts, with the library that validates requests against the contract, as its documentation says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';
import { middleware } from 'express-openapi-validator';
import { listen } from './listen.ts';
import { createResponder, measured } from './smallest.ts';

await listen(async (port) => {
  const respond = await createResponder();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(express.json());
  app.use(
    middleware({
      apiSpec: JSON.parse(readFileSync(join(import.meta.dirname, '../../../../generated/contract.json'), 'utf8')),
      validateApiSpec: false,
      validateSecurity: false,
      fileUploader: false,
    }) as RequestHandler[],
  );
  for (const id of measured) {
    app.post(`/v2/${id}`, async (req, res) => {
      const response = await respond(id, req.headers.authorization, req.body);
      res.status(response === undefined ? 401 : 200).json(response ?? {});
    });
  }
  app.listen(port, '127.0.0.1');
});
