import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { exactContract } from './exact.ts';
import { resolve, type Spec, type SpecHeader, type SpecOperation, type SpecResponse } from './spec.ts';

/** What is wrong with a value, in the form of ajv, whose types a package of ours cannot name. */
export interface SchemaFault {
  keyword: string;
  instancePath: string;
  message?: string;
  params: Record<string, unknown>;
}

/** A received HTTP response. */
export interface ApiResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed body, or undefined if there is none. */
  body: unknown;
}

/** What is wrong with a response, each part of it apart. */
export interface ResponseFaults {
  /** One message per fault of the status, the media type, and the fields and types of the body. */
  failures: string[];
  /** One message per field that is longer, greater or of another form than its schema allows; absent if there is no documented body. */
  bounds?: string[];
  /** The faults of each declared header. One that is optional and not there is absent. */
  headers: Map<string, string[]>;
  /**
   * One message per field or enum value that the contract does not document. It allows them, because a later version may
   * add some; a server that claims this version should have none.
   */
  undocumented: string[];
}

/** All faults of a response, of each of its parts. */
export const everyFault = ({ failures, bounds = [], headers }: ResponseFaults): string[] => [
  ...failures,
  ...bounds,
  ...[...headers.values()].flat(),
];

/** The keywords of JSON Schema that bound a value. All others are about its type and its fields. */
const boundKeywords = new Set([
  ...['pattern', 'format', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
  ...['multipleOf', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties'],
]);
const isBound = ({ keyword }: SchemaFault) => boundKeywords.has(keyword);

const documentId = 'openapi';

/** Validates values against the schemas of a spec, by their JSON pointers. Throws Error if no schema is there. */
export function schemaValidator(spec: Spec): (pointer: string, value: unknown) => SchemaFault[] {
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

const undocumentedText = ({ instancePath, message, params }: SchemaFault) =>
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

  function faultsOfHeader(declared: SpecHeader, pointer: string, name: string, values: string[]): string[] {
    const { schema, required } = resolve(spec, declared);
    if (values.length === 0 && required) return [`header ${name} is missing`];
    return values.flatMap((value) => {
      const typed = schema?.['type'] === 'integer' ? Number(value) : value;
      // A cookie can be a credential.
      const seen = name === 'Set-Cookie' ? '' : `, and is "${value}"`;
      return validate(`${pointer}/schema`, typed).map(({ message }) => `header ${name} ${message}${seen}`);
    });
  }

  return (operation, { status, headers, body }) => {
    const declared = operation.responses[String(status)];
    const escaped = operation.path.replaceAll('~', '~0').replaceAll('/', '~1');
    const base = declared?.$ref?.slice(1) ?? `/paths/${escaped}/${operation.method}/responses/${status}`;
    const response: SpecResponse | undefined = declared && resolve(spec, declared);

    const ofEvery = Object.entries(spec['x-response-headers']).map(
      ([name, header]) => [name, header, `/x-response-headers/${name}`] as const,
    );
    const ofThis = Object.entries(response?.headers ?? {}).map(
      ([name, header]) => [name, header, header.$ref?.slice(1) ?? `${base}/headers/${name}`] as const,
    );
    const faults: ResponseFaults = { failures: [], headers: new Map(), undocumented: [] };
    for (const [name, header, pointer] of [...ofEvery, ...ofThis]) {
      const values = [headers[name.toLowerCase()] ?? []].flat();
      const found = faultsOfHeader(header, pointer, name, values);
      if (values.length > 0 || found.length > 0) faults.headers.set(name, found);
    }
    if (response === undefined) return { ...faults, failures: [`status ${status} is not documented`] };

    const mediaType = String(headers['content-type'] ?? '').split(';')[0] ?? '';
    if (response.content === undefined) {
      return body === undefined ? faults : { ...faults, failures: ['the response has a body, and documents none'] };
    }
    if (response.content[mediaType] === undefined)
      return { ...faults, failures: [`media type "${mediaType}" is not documented`] };
    const pointer = `${base}/content/${mediaType.replaceAll('/', '~1')}/schema`;
    const found = Map.groupBy(validate(pointer, body), isBound);
    const textsOf = (errors: SchemaFault[] = []) =>
      errors.map(({ instancePath, message }) => `body${instancePath} ${message}`);
    const [failures, bounds] = [textsOf(found.get(false)), textsOf(found.get(true))];
    const undocumented =
      failures.length > 0
        ? []
        : validateExactly(pointer, body)
            .filter((error) => !isBound(error))
            .map(undocumentedText);
    return { ...faults, failures, bounds, undocumented };
  };
}
