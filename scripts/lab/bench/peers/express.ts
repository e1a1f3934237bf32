/** Express 5 with its own JSON parser, and nothing else: no validation, no log, no headers of security. */
import express from 'express';
import { port } from './port.ts';
import { answerer, measured } from './response.ts';

const answer = await answerer();
const app = express();
app.disable('x-powered-by');
app.disable('etag');
for (const id of measured) {
  app.post(`/v2/${id}`, express.json(), async (req, res) => {
    res.json(await answer(id, req.headers.authorization, req.body));
  });
}
app.listen(port, '127.0.0.1');
