/** Fastify with its own validation of the body, with the schemas of the contract. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { operations } from '../../../../generated/operations.ts';
import { listen } from './listen.ts';
import { createResponder, measured } from './smallest.ts';

const contract = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../generated/contract.json'), 'utf8'));

/** The schema with all references resolved, because Fastify does not know OpenAPI components. */
function resolved(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(resolved);
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, ...rest } = node as { $ref?: string };
  const target = $ref
    ?.split('/')
    .slice(1)
    .reduce((at, name) => at[name], contract);
  const own = Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, resolved(inner)]));
  return { ...(target === undefined ? {} : (resolved(target) as object)), ...own };
}

await listen(async (port) => {
  const respond = await createResponder();
  // The contract has keywords of its own, which start with `x-`.
  const app = fastify({ ajv: { customOptions: { strict: false } } });
  for (const id of measured) {
    const { path } = operations[id];
    const body = resolved(contract.paths[path].post.requestBody.content['application/json'].schema);
    app.post(path, { schema: { body } }, async (request, reply) => {
      const response = await respond(id, request.headers.authorization, request.body);
      return response ?? reply.status(401).send({});
    });
  }
  await app.listen({ port, host: '127.0.0.1' });
});
