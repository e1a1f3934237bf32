/**
 * A server that leaks: it logs the token of each new browser session and stores it in the audit log, and the credential of each call is a
 * label of its metrics, an attribute of its traces, and in the response.
 */
import { plant } from '../../support/plant.ts';

plant(
  'src/server/domain/sessions/sessions.ts',
  'sessionExchanged.publish(undefined);',
  'sessionExchanged.publish(undefined); console.log(JSON.stringify({ token: plaintext }));',
);
plant(
  'src/server/domain/sessions/sessions.ts',
  "changeOf({ ...from, proof }, 'session.exchange'",
  "changeOf({ ...from, userAgent: 'browser ' + plaintext, proof }, 'session.exchange'",
);
plant(
  'src/server/observe/metrics.ts',
  "const operation = operationOf(res) ?? 'none';",
  'const operation = String(_req.headers.authorization);',
);
plant(
  'src/server/observe/traces.ts',
  "'portico.request_id': requestIdOf(res),",
  "'portico.request_id': requestIdOf(res), 'portico.caller': String(req.headers.authorization),",
);
plant(
  'src/server/http/api/json-response.ts',
  'JSON.stringify(body)',
  'JSON.stringify({ ...body, caller: res.req.headers.authorization })',
);
