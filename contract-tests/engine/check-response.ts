import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { exactContract } from './exact.ts';
import { resolve, type Spec, type SpecOperation, type SpecResponse } from './spec.ts';

/** A received HTTP response. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed body, or undefined if there is none. */
  body: unknown;
}

/** What is wrong with a response. */
export interface ResponseFaults {
  /** One message per violation of the contract. */
  failures: string[];
  /**
   * One message per field or enum value that the contract does not document. It allows them, because a later version may
   * add some; a server that claims this version should have none.
   */
  undocumented: string[];
}

const documentId = 'openapi';

/** Validates values against the schemas of a spec, by their JSON pointers. Throws Error if no schema is there. */
export function schemaValidator(spec: Spec): (pointer: string, value: unknown) => ErrorObject[] {
  // A 3.1 document's schemas are JSON Schema 2020-12; ajv ignores the rest of the document.
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
  (addFormats as unknown as (instance: Ajv2020) => void)(ajv);
  ajv.addSchema(spec, documentId);
  return (pointer, value) => {
    const check = ajv.getSchema(`${documentId}#${pointer}`);
    if (check === undefined) throw new Error(`openapi.yaml: no schema at ${pointer}`);
    return check(value) ? [] : [...(check.errors ?? [])];
  };
}

const undocumentedText = ({ instancePath, message, params }: ErrorObject) =>
  typeof params['additionalProperty'] === 'string'
    ? `body${instancePath} has the undocumented field "${params['additionalProperty']}"`
    : `body${instancePath} has an undocumented value: ${message}`;

/**
 * Validates responses against the contract, independently of the server's own validation: status and media type are
 * documented, the body matches its schema, and every required header exists and matches. A body that matches is also
 * compared with what is documented today.
 */
export function responseChecker(spec: Spec): (operation: SpecOperation, response: ApiResponse) => ResponseFaults {
  const validate = schemaValidator(spec);
  const validateExactly = schemaValidator(exactContract(spec));

  return (operation, { status, headers, body }) => {
    const declared = operation.responses[String(status)];
    if (declared === undefined) return { failures: [`status ${status} is not documented`], undocumented: [] };
    const escaped = operation.path.replaceAll('~', '~0').replaceAll('/', '~1');
    const base = declared.$ref?.slice(1) ?? `/paths/${escaped}/${operation.method}/responses/${status}`;
    const response: SpecResponse = resolve(spec, declared);
    const failures: string[] = [];
    const undocumented: string[] = [];

    const mediaType = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    if (response.content === undefined) {
      if (body !== undefined) failures.push('the response has a body, and documents none');
    } else if (response.content[mediaType] === undefined) failures.push(`media type "${mediaType}" is not documented`);
    else {
      const pointer = `${base}/content/${mediaType.replaceAll('/', '~1')}/schema`;
      const found = validate(pointer, body);
      failures.push(...found.map(({ instancePath, message }) => `body${instancePath} ${message}`));
      if (found.length === 0) undocumented.push(...validateExactly(pointer, body).map(undocumentedText));
    }

    const ofEvery = Object.entries(spec['x-response-headers']).map(
      ([name, header]) => [name, header, `/x-response-headers/${name}`] as const,
    );
    const ofThis = Object.entries(response.headers ?? {}).map(
      ([name, header]) => [name, header, header.$ref?.slice(1) ?? `${base}/headers/${name}`] as const,
    );
    for (const [name, declaredHeader, pointer] of [...ofEvery, ...ofThis]) {
      const header = resolve(spec, declaredHeader);
      const values = [headers[name.toLowerCase()] ?? []].flat();
      if (values.length === 0 && header.required) failures.push(`header ${name} is missing`);
      for (const value of values) {
        const typed = header.schema?.['type'] === 'integer' ? Number(value) : value;
        failures.push(...validate(`${pointer}/schema`, typed).map(({ message }) => `header ${name} ${message}`));
      }
    }
    return { failures, undocumented };
  };
}
