/** Express 5 with its own JSON parser, and nothing else: no validation, no log, no headers of security. */
import express from 'express';
import { answerer, measured } from './answer.ts';
import { sayPort } from './say-port.ts';

const answer = await answerer();
const app = express();
app.disable('x-powered-by');
app.disable('etag');
for (const id of measured) {
  app.post(`/v2/${id}`, express.json(), async (req, res) => {
    res.json(await answer(id, req.headers.authorization, req.body));
  });
}
const server = app.listen(0, '127.0.0.1', () => sayPort(server));
