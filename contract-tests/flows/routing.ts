import type { Flow } from '../engine/check.ts';
import { type Spec, specOperations } from '../engine/spec.ts';

const notFound = { status: 404, error: 'user/bad_request/route_not_found' };

/** Flows of requests without an operation: unknown paths, and other methods at an operation's path. */
export const routing = (spec: Spec): Flow[] => [
  ...specOperations(spec).map(
    ({ operationId, method, path }): Flow => ({
      operation: operationId,
      name: `accepts only ${method.toUpperCase()}`,
      readOnly: true,
      async run(trial) {
        const allow = { Allow: new RegExp(`^${method.toUpperCase()}(, ?(HEAD|OPTIONS))*$`) };
        const refused = { status: 405, error: 'user/bad_request/method_not_allowed', headers: allow };
        for (const other of ['get', 'post', 'put', 'patch', 'delete'].filter((name) => name !== method)) {
          await trial.callUndocumented(other, path, refused);
        }
      },
    }),
  ),
  {
    operation: 'elsewhere',
    name: 'an unknown path is not found and returns the error envelope',
    readOnly: true,
    async run(trial) {
      await trial.callUndocumented('post', '/v2/portal.noSuchOperation', notFound);
      await trial.callUndocumented('get', '/v2/noSuchProbe', notFound);
      await trial.callUndocumented('post', '/v2/', notFound);
    },
  },
];
