/** Rules of the spec that no linter checks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  type JsonSchema,
  readSpec,
  resolve,
  type SpecExample,
  specErrors,
  specOperations,
} from '../../contract-tests/engine/spec.ts';
import { expectEach } from '../support/expect-each.ts';

const spec = await readSpec();
const operations = specOperations(spec);
const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
(addFormats as unknown as (instance: Ajv2020) => void)(ajv);
ajv.addSchema(spec, 'openapi');

/** The failures of a value against the schema at this JSON pointer of the spec. */
function wrong(pointer: string, value: unknown): string[] {
  const check = ajv.getSchema(`openapi#${pointer}`);
  if (check === undefined) throw new Error(`no schema at ${pointer}`);
  return check(value) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');

interface Place {
  pointer: string;
  schema: JsonSchema;
}

/** Every schema of the spec, including inline schemas. */
function* schemas(node: unknown, pointer: string): Generator<Place> {
  if (typeof node !== 'object' || node === null) return;
  for (const [name, inner] of Object.entries(node)) {
    const at = `${pointer}/${escaped(name)}`;
    if (pointer.endsWith('/examples') || name === 'examples' || name === 'example') continue;
    if (name === 'schema' || /\/(schemas|properties)$/.test(pointer) || name === 'items')
      yield { pointer: at, schema: inner };
    yield* schemas(inner, at);
  }
}
/** The names of the schemas that requests and responses use. */
function uses(): { requests: Set<string>; responses: Set<string> } {
  const reachable = (from: unknown, names = new Set<string>()) => {
    for (const [, name = ''] of JSON.stringify(from).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
      if (!names.has(name)) reachable(spec.components.schemas[name], names.add(name));
    return names;
  };
  const responses = operations.flatMap((operation) => Object.values(operation.responses));
  return {
    requests: reachable(operations.map(({ requestBody }) => requestBody ?? {})),
    responses: reachable(responses.map((response) => resolve(spec, response))),
  };
}

const everySchema = [...schemas(spec, '')];

/** The effect of a retry after a 503, by operation, from the table in docs/integrate/errors.md. */
async function retryEffects(): Promise<Map<string, string>> {
  const guide = await readFile(join(import.meta.dirname, '../../docs/integrate/errors.md'), 'utf8');
  const [, table = ''] = guide.split('| operation | effect of a retry after it was completed |\n');
  const rows = table.split('\n\n')[0]?.split('\n') ?? [];
  return new Map(
    rows.flatMap((row) => {
      const [, names = '', effect = ''] = row.split('|');
      return [...names.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => [name, effect.trim()] as const);
    }),
  );
}

describe('a retry after a 503', () => {
  const isIdempotent = (operation: (typeof operations)[number]) =>
    operation.parameters?.some(({ $ref }) => $ref?.endsWith('IdempotencyKey')) === true;

  test('is safe for every read, and the spec declares it', () => {
    const reads = operations.filter(({ operationId }) => /(^|\.)(get|list)|^(liveness|readiness)$/.test(operationId));
    expect(reads.filter((operation) => operation['x-repeatable'] !== true)).toEqual([]);
    expect(reads.length).toBeGreaterThan(10);
  });

  test('of a write is harmless, or takes a key, or the guide describes its effect', async () => {
    const effects = await retryEffects();
    expectEach(
      operations.filter(({ operationId }) => !/(^|\.)(get|list)|ness$/.test(operationId)),
      (operation) => {
        const { operationId } = operation;
        const text = effects.get(operationId) ?? 'nothing';
        const kind = text.startsWith('harmless') ? 'harmless' : text.includes('`Idempotency-Key`') ? 'key' : 'other';
        const wanted = operation['x-repeatable'] === true ? 'harmless' : isIdempotent(operation) ? 'key' : 'other';
        expect([operationId, kind, text === 'nothing']).toEqual([operationId, wanted, false]);
      },
    );
  });
});

describe('the limits of every body', () => {
  const limits = spec['x-body-limits'];
  /** Not all keys of one request can have long lists at once: its description says how many fields and items a body can have. */
  const bounded = 'keys.importKeys';
  /**
   * What the largest valid value of a schema takes. `meta` is free, and has the limits as its own.
   *
   * @param inItem how many items a list within an item of a list has at most
   */
  function needsOf(
    node: JsonSchema,
    inItem = Number.POSITIVE_INFINITY,
    most = Number.POSITIVE_INFINITY,
  ): { levels: number; values: number; items: number; characters: number } {
    const schema = resolve(spec, node);
    const properties = Object.values((schema['properties'] as Record<string, JsonSchema>) ?? {});
    const fields = properties.map((property) => needsOf(property, inItem, most));
    const items = schema['items'] === undefined ? [] : [needsOf(schema['items'] as JsonSchema, inItem, inItem)];
    const count = Math.min(Number(schema['maxItems'] ?? 1), most);
    const inner = [...fields, ...items];
    return {
      levels: [schema['type']].flat().some((type) => type === 'object' || type === 'array')
        ? 1 + Math.max(0, ...inner.map(({ levels }) => levels))
        : 0,
      values:
        fields.reduce((sum, { values }) => sum + 1 + values, 0) +
        items.reduce((sum, { values }) => sum + count * (1 + values), 0),
      items: Math.max(Number(schema['maxItems'] ?? 0), ...inner.map(({ items }) => items)),
      characters: Math.max(Number(schema['maxLength'] ?? 0), ...inner.map(({ characters }) => characters)),
    };
  }
  const bodies = operations.flatMap(({ operationId, requestBody, 'x-body-limits': own = limits }) => {
    const schema = requestBody?.content['application/json']?.schema;
    return schema === undefined ? [] : [{ operationId, schema, own }];
  });

  test('are no narrower than what the schema of any operation allows', () => {
    expectEach(bodies, ({ operationId, schema, own }) => {
      const { levels, values, items, characters } = needsOf(schema, operationId === bounded ? 1 : undefined);
      const fits = [levels < own.levels, values < own.values, items <= own.itemsPerList, characters < own.characters];
      expect([levels > 0, ...fits]).toEqual([true, true, true, true, true]);
    });
    expect(bodies.length).toBeGreaterThan(20);
  });

  test('hold for lists and texts, which all have a limit of their own', () => {
    const inRequests = (node: JsonSchema): JsonSchema[] => {
      const schema = resolve(spec, node);
      const inner = Object.values((schema['properties'] as Record<string, JsonSchema>) ?? {});
      return [
        schema,
        ...inner.flatMap(inRequests),
        ...[schema['items'] ?? []].flat().flatMap((items) => inRequests(items as JsonSchema)),
      ];
    };
    const all = bodies.flatMap(({ schema }) => inRequests(schema));
    const lists = all.filter(({ type }) => type === 'array');
    expect(lists.filter(({ maxItems }) => maxItems === undefined)).toEqual([]);
    expect(lists.length).toBeGreaterThan(5);
    // A validator compares texts by their hash, and anything else in pairs: it has to see the type of the items.
    const unique = lists.filter(({ uniqueItems }) => uniqueItems === true);
    expect(unique.map(({ items }) => (items as JsonSchema)['type'])).toEqual(unique.map(() => 'string'));
    expect(unique.length).toBeGreaterThan(3);
  });
});

describe('examples are valid', () => {
  test('every example of every schema is valid', () => {
    const found = everySchema.flatMap(({ pointer, schema }) =>
      [
        ...((schema['examples'] as unknown[]) ?? []),
        ...(schema['default'] === undefined ? [] : [schema['default']]),
      ].flatMap((example) => wrong(pointer, example).map((message) => `${pointer}: ${message}`)),
    );
    expect(found).toEqual([]);
    expect(everySchema.filter(({ schema }) => schema['examples']).length).toBeGreaterThan(30);
  });

  test('every example of every request, response and header is valid', () => {
    let seen = 0;
    const check = (pointer: string, examples: Record<string, SpecExample> = {}) =>
      Object.entries(examples).flatMap(([name, example]) => {
        seen++;
        return wrong(`${pointer}/schema`, resolve(spec, example).value).map(
          (message) => `${pointer} ${name}: ${message}`,
        );
      });
    const found = operations.flatMap(({ method, path, requestBody, responses }) => {
      const base = `/paths/${escaped(path)}/${method}`;
      const media = '/content/application~1json';
      return [
        ...check(`${base}/requestBody${media}`, requestBody?.content['application/json']?.examples),
        ...Object.entries(responses).flatMap(([status, declared]) => {
          const response = resolve(spec, declared);
          const at = declared.$ref?.slice(1) ?? `${base}/responses/${status}`;
          const headers = Object.entries(response.headers ?? {}).flatMap(([name, header]) => {
            const pointer = header.$ref?.slice(1) ?? `${at}/headers/${name}`;
            seen++;
            return wrong(`${pointer}/schema`, resolve(spec, header).example).map((message) => `${pointer}: ${message}`);
          });
          return [...headers, ...check(at + media, response.content?.['application/json']?.examples)];
        }),
      ];
    });
    expect(found).toEqual([]);
    expect(seen).toBeGreaterThan(50);
  });
});

describe('errors', () => {
  test('each belongs to a response with its status, and its type ends with its code', () => {
    const byName = new Map(specErrors(spec).map((entry) => [entry.code.replaceAll('/', '.'), entry]));
    const misplaced = operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses).flatMap(([status, declared]) =>
        Object.values(resolve(spec, declared).content?.['application/json']?.examples ?? {})
          .map(({ $ref }) => byName.get(String($ref?.split('/').at(-1))))
          .filter((entry) => entry !== undefined && entry.status !== Number(status))
          .map((entry) => `${operationId} ${status} ${entry?.code}`),
      ),
    );
    expect(misplaced).toEqual([]);
    for (const { code } of specErrors(spec)) {
      const { type } = spec.components.examples[code.replaceAll('/', '.')]?.value.error ?? { type: '' };
      expect(type).toBe(`https://unkey.com/docs/errors/${code}`);
    }
  });

  test('each status has one title, the one from HTTP', () => {
    const titles = new Map<number, Set<string>>();
    for (const { status, title } of specErrors(spec)) titles.set(status, (titles.get(status) ?? new Set()).add(title));
    expect([...titles].filter(([, names]) => names.size > 1)).toEqual([]);
  });

  test('each has a complete page, and its related errors exist', () => {
    const codes = new Set(specErrors(spec).map(({ code }) => code));
    expectEach(specErrors(spec), ({ code, page }) => {
      const empty = [page.whatHappened, ...page.causes, ...page.howToFix, ...page.commonMistakes].filter(
        (text) => text.length < 10,
      );
      expect([code, empty]).toEqual([code, []]);
      expect([code, page.causes.length * page.howToFix.length * page.commonMistakes.length > 0]).toEqual([code, true]);
      expect([code, page.relatedErrors.filter(({ code: related }) => !codes.has(related) || related === code)]).toEqual(
        [code, []],
      );
    });
  });

  test('each detail matches its template', () => {
    expectEach(
      specErrors(spec).filter(({ template }) => template !== undefined),
      ({ code, detail, template = '' }) => {
        const quoted = template.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '.+');
        expect([code, new RegExp(`^${quoted}$`).test(detail)]).toEqual([code, true]);
      },
    );
  });
});

describe('operations', () => {
  test('each one with security declares 401, missing credentials first, and 403', () => {
    const first: Record<string, string> = {
      rootKey: '#/components/examples/unkey.authentication.missing',
      portalSessionCookie: '#/components/examples/unkey.authentication.portal_token_missing',
    };
    expectEach(
      operations.filter((operation) => operation.security.length > 0),
      ({ operationId, security, responses }) => {
        const scheme = Object.keys(security[0] ?? {})[0] ?? '';
        const examples = resolve(spec, responses['401'] ?? {}).content?.['application/json']?.examples ?? {};
        expect([operationId, Object.values(examples)[0]?.$ref]).toEqual([operationId, first[scheme]]);
        expect([operationId, '403' in responses]).toEqual([operationId, true]);
      },
    );
  });

  test('each one with input declares 400, 413 and 415, and each has the envelope of errors as its default', () => {
    expectEach(operations, ({ operationId, method, path, requestBody, responses }) => {
      const missing = ['400', '413', '415'].filter((status) => requestBody !== undefined && !(status in responses));
      expect([operationId, missing]).toEqual([operationId, []]);
      expect(spec.paths[path]?.[method]?.responses['default']).toEqual({ $ref: '#/components/responses/AnyError' });
    });
  });

  test('each has its own request and response, named after it', () => {
    // Generators name the types of an operation `LivenessResponse` or `PortalListApisResponse`, so these are taken.
    const others: Record<string, string> = {
      'portal.listApis': 'ListPortalApis',
      'apis.listKeys': 'ListKeysOfApi',
      'keys.createKey': 'CreateUserKey',
      'keys.updateKey': 'UpdateUserKey',
      'keys.deleteKey': 'DeleteUserKey',
      'keys.rerollKey': 'RerollUserKey',
      liveness: 'GetLiveness',
      readiness: 'GetReadiness',
    };
    expectEach(operations, ({ operationId, requestBody, responses }) => {
      const verb = operationId.split('.').at(-1) ?? '';
      const name = others[operationId] ?? verb.charAt(0).toUpperCase() + verb.slice(1);
      const request = requestBody?.content['application/json']?.schema?.$ref;
      const response = resolve(spec, responses['200'] ?? {}).content?.['application/json']?.schema?.$ref;
      expect([request ?? `#/components/schemas/${name}Request`, response]).toEqual([
        `#/components/schemas/${name}Request`,
        `#/components/schemas/${name}Response`,
      ]);
    });
  });

  test('each path matches its operationId, and each list has pagination', () => {
    expectEach(operations, ({ operationId, path, responses }) => {
      expect(path).toBe(`/v2/${operationId}`);
      const { $ref } = resolve(spec, responses['200'] ?? {}).content?.['application/json']?.schema ?? {};
      const envelope = resolve(spec, { ...($ref && { $ref }) } as JsonSchema) as {
        properties?: Record<string, JsonSchema>;
      };
      const data = resolve(spec, envelope.properties?.['data'] ?? {});
      const isList = data['type'] === 'array';
      expect([operationId, 'pagination' in (envelope.properties ?? {})]).toEqual([operationId, isList]);
    });
  });
});

describe('schemas', () => {
  test('the objects of requests are closed, and those of responses are open', () => {
    const { requests, responses } = uses();
    const objects = Object.entries(spec.components.schemas).filter(([, { type }]) => [type].flat().includes('object'));
    const closed = objects.filter(([, schema]) => schema['additionalProperties'] === false).map(([name]) => name);
    // The content of the meta of a key or a user belongs to the customer.
    expect([...requests].filter((name) => objects.some(([other]) => other === name)).sort()).toEqual(
      [...closed, 'KeyMeta', 'KeyMetaChange', 'IdentityMetaChange'].sort(),
    );
    expect(closed.filter((name) => responses.has(name))).toEqual([]);
  });

  test('a closed enum is only in requests', () => {
    const { responses } = uses();
    const closed = Object.entries(spec.components.schemas).filter(([, schema]) => schema['enum'] !== undefined);
    expect(closed.filter(([name]) => responses.has(name))).toEqual([]);
    const inside = everySchema.filter(({ schema }) => schema['enum'] !== undefined).map(({ pointer }) => pointer);
    expect(inside).toEqual(closed.map(([name]) => `/components/schemas/${name}`));
  });

  test('only objects and closed enums have names: generators wrap other named schemas', () => {
    const named = Object.entries(spec.components.schemas);
    const wrapped = named.filter(([, { type, enum: values }]) => ![type].flat().includes('object') && !values);
    expect(wrapped.map(([name]) => name)).toEqual([]);
  });

  test('every object has a name and a description', () => {
    const objects = everySchema.filter(({ schema }) => schema['type'] === 'object');
    expect(
      objects.filter(({ pointer }) => !/^\/components\/schemas\/\w+$/.test(pointer)).map(({ pointer }) => pointer),
    ).toEqual([]);
    const undescribed = everySchema.filter(({ schema }) => !schema.$ref && !schema['description'] && !schema['const']);
    expect(
      undescribed.map(({ pointer }) => pointer).filter((pointer) => !/\/(headers|parameters)\//.test(pointer)),
    ).toEqual([]);
  });

  test('every string, number and array has limits', () => {
    const unbounded = everySchema.filter(({ schema }) => {
      const [type] = [schema['type'] ?? []].flat();
      if (schema['enum'] || schema['const'] || schema['x-extensible-enum']) return false;
      if (type === 'string') return schema['maxLength'] === undefined;
      if (type === 'integer' || type === 'number')
        return schema['minimum'] === undefined || schema['maximum'] === undefined;
      return type === 'array' && schema['maxItems'] === undefined;
    });
    expect(unbounded.map(({ pointer }) => pointer)).toEqual([]);
  });

  test('the spec marks exactly these secrets', () => {
    const secrets = everySchema.filter(({ schema }) => schema['x-secret'] === true).map(({ pointer }) => pointer);
    expect(
      secrets.map((pointer) => pointer.replace('/components/schemas/', '').replace('/properties', '')).sort(),
    ).toEqual([
      'CreatedSession/sessionId',
      'CreatedSession/url',
      'ExchangeSessionRequest/sessionId',
      'ExchangedSession/token',
      'NewKey/key',
      'ReportedVerification/key',
      'VerifyKeyRequest/key',
    ]);
  });
});
