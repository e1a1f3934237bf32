/** The secrets in the responses of the contract. */
import { type JsonSchema, readSpec, resolve, type Spec, specOperations } from '../../../contract-tests/engine/spec.ts';

const propertiesOf = (spec: Spec, schema: JsonSchema | undefined): Record<string, JsonSchema> =>
  (resolve(spec, schema ?? {})['properties'] ?? {}) as Record<string, JsonSchema>;

/** The fields of the data of each operation that the contract calls a secret, by the path of the operation. */
export async function secretFieldsByPath(): Promise<Record<string, string[]>> {
  const spec = await readSpec();
  const found = specOperations(spec).map(({ path, responses }): [string, string[]] => {
    const body = responses['200']?.content?.['application/json']?.schema;
    const fields = Object.entries(propertiesOf(spec, propertiesOf(spec, body)['data']));
    return [path, fields.filter(([, schema]) => resolve(spec, schema)['x-secret'] === true).map(([name]) => name)];
  });
  return Object.fromEntries(found.filter(([, fields]) => fields.length > 0));
}
