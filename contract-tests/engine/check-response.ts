import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { resolve, type Spec, type SpecOperation, type SpecResponse } from './spec.ts';

/** A received HTTP response. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed body, or undefined if there is none. */
  body: unknown;
}

const documentId = 'openapi';

/**
 * Validates responses against the contract, independently of the server's own validation: status and media type are
 * documented, the body matches its schema, and every required header exists and matches.
 *
 * @returns a function that returns one message per violation
 */
export function responseChecker(spec: Spec): (operation: SpecOperation, response: ApiResponse) => string[] {
  // A 3.1 document's schemas are JSON Schema 2020-12; ajv ignores the rest of the document.
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
  ajv.addSchema(spec, documentId);

  const validate = (pointer: string, value: unknown): ErrorObject[] => {
    const check = ajv.getSchema(`${documentId}#${pointer}`);
    if (check === undefined) throw new Error(`openapi.yaml: no schema at ${pointer}`);
    return check(value) ? [] : [...(check.errors ?? [])];
  };

  return (operation, { status, headers, body }) => {
    const declared = operation.responses[String(status)];
    if (declared === undefined) return [`status ${status} is not documented`];
    const escaped = operation.path.replaceAll('~', '~0').replaceAll('/', '~1');
    const base = declared.$ref?.slice(1) ?? `/paths/${escaped}/${operation.method}/responses/${status}`;
    const response: SpecResponse = resolve(spec, declared);
    const failures: string[] = [];

    const mediaType = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    if (response.content?.[mediaType] === undefined) failures.push(`media type "${mediaType}" is not documented`);
    else {
      const found = validate(`${base}/content/${mediaType.replaceAll('/', '~1')}/schema`, body);
      failures.push(...found.map(({ instancePath, message }) => `body${instancePath} ${message}`));
    }

    for (const [name, declaredHeader] of Object.entries(response.headers ?? {})) {
      const header = resolve(spec, declaredHeader);
      const pointer = `${declaredHeader.$ref?.slice(1) ?? `${base}/headers/${name}`}/schema`;
      const values = [headers[name.toLowerCase()] ?? []].flat();
      if (values.length === 0 && header.required) failures.push(`header ${name} is missing`);
      for (const value of values) {
        const typed = header.schema?.['type'] === 'integer' ? Number(value) : value;
        failures.push(...validate(pointer, typed).map(({ message }) => `header ${name} ${message}`));
      }
    }
    return failures;
  };
}
