/** How requests to the customer's API carry the key, and one to begin with. The document is not trusted. */
import { entriesAt, fieldOf } from '../../ui/openapi/json.ts';
import { type Entry, groupsOf } from '../../ui/openapi/navigation.ts';
import { operationOf } from '../../ui/openapi/operation.ts';
import { type ApiRequest, initialInput, requestOf } from '../../ui/openapi/request.ts';
import { type Alternative, alternativesOf } from '../../ui/openapi/security.ts';

type Scheme = Alternative[number];

/** Without a document, or if it names no scheme that a request can carry. */
const bearer: Scheme = {
  ...{ name: 'key', description: undefined, kind: 'bearer', parameter: 'Authorization', type: 'http' },
  ...{ scopes: [], variables: ['API_KEY'] },
};

/** The first alternative of these whose schemes all fit into a request. */
const usable = (alternatives: Alternative[]): Alternative | undefined =>
  alternatives.find((schemes) => schemes.length > 0 && schemes.every(({ kind }) => kind !== 'other'));

/** The alternative of the document: one that all operations require by default, or else any scheme that it has. */
function alternativeOf(document: unknown): Alternative | undefined {
  const schemes = [
    ...entriesAt(fieldOf(document, 'components'), 'securitySchemes'),
    ...entriesAt(document, 'securityDefinitions'),
  ];
  const each = { security: schemes.map(([name]) => ({ [name]: [] })) };
  return usable(alternativesOf(document, {})) ?? usable(alternativesOf(document, each));
}

/** An operation of a document that has none to begin with. */
const root: Entry = {
  ...{ id: '', method: 'GET', path: '/', title: '', isDeprecated: false, isWebhook: false },
  ...{ item: {}, operation: {} },
};

/** Reads how to call the API: the request of the first operation that reads something without a path parameter. */
export function firstRequest(document: unknown): { scheme: Pick<Scheme, 'kind' | 'parameter'>; request: ApiRequest } {
  const entry = groupsOf(document)
    .flatMap(({ entries }) => entries)
    .find(({ method, path, isWebhook }) => method === 'GET' && !path.includes('{') && !isWebhook);
  const operation = operationOf(document, entry ?? root);
  const alternative = usable(operation.alternatives) ?? alternativeOf(document) ?? [bearer];
  const needed = { ...operation, parameters: operation.parameters.filter(({ isRequired }) => isRequired) };
  return {
    scheme: alternative[0] ?? bearer,
    request: requestOf(document, needed, { ...initialInput(document, needed, needed.servers), alternative }),
  };
}
