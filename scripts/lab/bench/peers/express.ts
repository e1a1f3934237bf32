/** Express 5 with its own JSON parser, and nothing else: no validation, log or security headers. */
import express from 'express';
import { port } from './port.ts';
import { createResponder, measured } from './response.ts';

const respond = await createResponder();
const app = express();
app.disable('x-powered-by');
app.disable('etag');
for (const id of measured) {
  app.post(`/v2/${id}`, express.json(), async (req, res) => {
    res.json(await respond(id, req.headers.authorization, req.body));
  });
}
app.listen(port, '127.0.0.1');
