/** Prepares the bundled spec for client generators. */
import { type JsonSchema, type Spec, specOperations } from '../../contract-tests/engine/spec.ts';

const schemaRef = '#/components/schemas/';

/** Calls `change` on every object of a document, the inner ones first, and puts the results in their places. */
function mapObjects(node: unknown, change: (object: JsonSchema) => JsonSchema): unknown {
  if (Array.isArray(node)) return node.map((item) => mapObjects(item, change));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([name, value]) => [name, mapObjects(value, change)]);
  return change(Object.fromEntries(entries));
}

/** Adds the known values to the description of each open enum, because generators do not show `x-extensible-enum`. */
export const describeOpenEnums = (spec: Spec): Spec =>
  mapObjects(spec, (schema) => {
    const values = schema['x-extensible-enum'];
    if (!Array.isArray(values)) return schema;
    const known = values.map((value) => `\`${value}\``).join(', ');
    const description = `${String(schema['description']).trim()} Known values: ${known}. More may be added.`;
    return { ...schema, description };
  }) as Spec;

/**
 * Removes `format: uri` from the schemas that no request uses. Generators make an object of such a text, which writes
 * `https://acme.example` with another slash at its end; a request keeps the format because the server validates it.
 */
function withoutUrlObjects(spec: Spec): Spec {
  const { schemas } = spec.components;
  const ofRequests = new Set<string>();
  const visit = (node: unknown): unknown =>
    mapObjects(node, (object) => {
      const name = object.$ref?.replace(schemaRef, '') ?? '';
      if (name in schemas && !ofRequests.has(name)) {
        ofRequests.add(name);
        visit(schemas[name]);
      }
      return object;
    });
  visit(specOperations(spec).map(({ requestBody }) => requestBody));
  const ofResponses = Object.entries(schemas).map(([name, schema]) => [
    name,
    ofRequests.has(name) ? schema : mapObjects(schema, withoutUri),
  ]);
  return { ...spec, components: { ...spec.components, schemas: Object.fromEntries(ofResponses) } };
}

const withoutUri = ({ format, ...schema }: JsonSchema): JsonSchema =>
  format === undefined || format === 'uri' ? schema : { ...schema, format };

/**
 * Generators make a type of every named schema. That is right for objects and closed enums; of a text, a number or a list it
 * makes a wrapper, so that the caller writes `data.keyId.root`.
 */
const deservesType = ({ type, enum: values }: JsonSchema) => [type].flat().includes('object') || values !== undefined;

/**
 * The spec as generators read it best. Puts texts, numbers and lists in place of the references to them, and removes their names from the components. What
 * stands beside a reference, such as a description, overrides the referenced schema.
 */
export function forGenerators(spec: Spec): Spec {
  const { schemas } = spec.components;
  const plain = new Map(Object.entries(schemas).filter(([, schema]) => !deservesType(schema)));
  const inline = (node: unknown): unknown =>
    mapObjects(node, ({ $ref, ...beside }) => {
      if ($ref === undefined) return beside;
      const schema = plain.get($ref.replace(schemaRef, ''));
      return schema === undefined ? { $ref, ...beside } : { ...(inline(schema) as JsonSchema), ...beside };
    });
  const named = Object.fromEntries(Object.entries(schemas).filter(([name]) => !plain.has(name)));
  const inlined = inline({ ...spec, components: { ...spec.components, schemas: named } }) as Spec;
  return withoutUrlObjects(inlined);
}
