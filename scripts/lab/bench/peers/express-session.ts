/** Express with express-session and connect-redis: the usual way to read sessions. It supports only getSession. */
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { listen } from './listen.ts';

declare module 'express-session' {
  interface SessionData {
    grant: unknown;
  }
}

await listen(async (port) => {
  const client = await createClient({ url: String(process.env['REDIS_URL']) }).connect();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(
    session({
      store: new RedisStore({ client, ttl: 86_400, disableTouch: true }),
      secret: 'of the benchmark',
      resave: false,
      saveUninitialized: false,
    }),
  );
  app.post('/v2/portal.getSession', express.json(), (req, res) => {
    if (req.session.grant === undefined) res.sendStatus(401);
    else res.json({ data: req.session.grant });
  });
  /** Stores data of about the size of our session. */
  app.post('/sign-in', express.json(), (req, res) => {
    req.session.grant = req.body;
    res.json({});
  });
  app.listen(port, '127.0.0.1');
});
