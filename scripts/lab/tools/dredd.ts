/**
 * Dredd calls an operation with its example and compares the response with its schema. Its authors have archived it; it reads OpenAPI 2 fully,
 * OpenAPI 3.0 "experimentally" without schemas of responses, and no 3.1 (https://dredd.org/en/latest/). So it gets a copy of the operation in OpenAPI 2.
 * The credential is a header on the command line (https://dredd.org/en/latest/usage-cli.html).
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  type JsonSchema,
  resolve,
  type Spec,
  type SpecOperation,
  specOperations,
} from '../../../contract-tests/engine/spec.ts';
import { npmPackage } from './install.ts';
import { runProgram, type Tool } from './tool.ts';

const version = '14.1.0';

/** What OpenAPI 2 does not have. */
const unknown = new Set(['examples', 'format', 'const', 'default', 'exclusiveMinimum', 'exclusiveMaximum']);

/** A schema in OpenAPI 2: without references, and without what it cannot say. */
function schemaInOpenApi2(spec: Spec, node: JsonSchema): JsonSchema {
  const { $ref, ...beside } = node;
  const schema: JsonSchema = $ref === undefined ? node : { ...resolve(spec, { $ref }), ...beside };
  const kept = Object.entries(schema).filter(([name, value]) => {
    // It has no types of several kinds, so a value that can be null has no type.
    return !(unknown.has(name) || name.startsWith('x-') || (name === 'type' && Array.isArray(value)));
  });
  const inside = (value: unknown) => schemaInOpenApi2(spec, value as JsonSchema);
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (name === 'properties') {
        const properties = Object.entries(value as Record<string, JsonSchema>);
        return [name, Object.fromEntries(properties.map(([field, own]) => [field, inside(own)]))];
      }
      return [
        name,
        name === 'items' || (name === 'additionalProperties' && typeof value === 'object') ? inside(value) : value,
      ];
    }),
  );
}

const contentOf = (part: { content?: Record<string, { schema: JsonSchema; examples?: object }> } | undefined) =>
  part?.content?.['application/json'];

const exampleOf = (spec: Spec, examples: object | undefined): unknown => {
  const [first] = Object.values((examples ?? {}) as Record<string, { $ref?: string; value?: unknown }>);
  return first && resolve(spec, first).value;
};

/** The operation as a document of OpenAPI 2. */
export function inOpenApi2(spec: Spec, operation: SpecOperation): object {
  const { path, method, summary, requestBody } = operation;
  const request = contentOf(requestBody);
  const success = operation.responses['200'];
  const response = contentOf(success);
  const body = request && {
    ...{ in: 'body', name: 'body', required: true },
    schema: { type: 'object', example: exampleOf(spec, request.examples) },
  };
  const headers = Object.entries(success?.headers ?? {}).map(([name, header]) => {
    const { schema } = resolve(spec, header);
    return [name, { type: schema?.['type'] ?? 'string' }];
  });
  return {
    ...{ swagger: '2.0', info: { title: 'Portico', version: spec.info.version } },
    ...{ consumes: ['application/json'], produces: ['application/json; charset=utf-8'] },
    paths: {
      [path]: {
        [method]: {
          summary,
          parameters: body === undefined ? [] : [body],
          responses: {
            200: {
              description: success?.description ?? '',
              ...(response && { schema: schemaInOpenApi2(spec, response.schema) }),
              headers: Object.fromEntries(headers),
            },
          },
        },
      },
    },
  };
}

/** Why tests failed, from the output of Dredd, without the values that are new in each run. */
export const reasonsIn = (text: string): string[] =>
  [...stripVTControlCharacters(text).matchAll(/^(?:fail|error): ((?:headers|body|statusCode|Error)\b.*)$/gm)].map(
    ([, reason = '']) => reason.replaceAll(/"[^"]*"|\d{4,}/g, '…'),
  );

/** Installs Dredd. */
export async function dredd(): Promise<Tool> {
  const folder = await npmPackage('dredd', version);
  return {
    name: `Dredd ${version}`,
    async run({ url, operation: operationId, seconds, known, spec, directory }) {
      const operation = specOperations(spec).find((own) => own.operationId === operationId);
      if (operation === undefined) throw new Error(`no operation ${operationId} is in the contract`);
      const contract = join(directory, 'openapi.json');
      await writeFile(contract, JSON.stringify(inOpenApi2(spec, operation)));
      const schemes = operation.security.flatMap((alternative) => Object.keys(alternative));
      const credential = schemes.includes('rootKey') ? known.rootKey : known.token;
      const header = schemes.length === 0 ? [] : ['--header', `Authorization: Bearer ${credential}`];
      const { code, text } = await runProgram(process.execPath, [join(folder, 'bin/dredd'), contract, url, ...header], {
        seconds,
        cwd: directory,
      });
      if (code === undefined) throw new Error('its time was over');
      if (!text.includes('complete')) throw new Error(text.slice(-2000));
      return reasonsIn(text);
    },
  };
}
