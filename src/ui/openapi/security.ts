/** How an operation proves who calls it: alternatives, each of one or more schemes. */
import { isToken, isVisible } from '../curl.ts';
import { fieldOf, isObject, type Json, textAt, textsAt } from './json.ts';
import { resolve } from './references.ts';

/** A scheme of an alternative. */
interface Scheme {
  name: string;
  description: string | undefined;
  /** How a request carries it. `basic` has a user name and a password; `other` cannot be sent from here. */
  kind: 'bearer' | 'basic' | 'header' | 'query' | 'cookie' | 'other';
  /** The name of the header, parameter or cookie. */
  parameter: string;
  /** The kind of the document: `apiKey`, `http`, `oauth2`, `openIdConnect`, `mutualTLS`. */
  type: string;
  scopes: string[];
  /** The environment variables of its secrets in samples: one, or a user name and a password. */
  variables: string[];
}

/** One way to call an operation: all schemes together. None means that no credential is needed. */
export type Alternative = Scheme[];

const schemesAt = (document: unknown): unknown =>
  fieldOf(fieldOf(document, 'components'), 'securitySchemes') ?? fieldOf(document, 'securityDefinitions');

/** The kind of a scheme, or `other` if no request can carry it: the name of a header is a token, and people must see each name. */
function kindOf(scheme: Json): Pick<Scheme, 'kind' | 'parameter' | 'type'> {
  const type = textAt(scheme, 'type') ?? '';
  const parameter = textAt(scheme, 'name') ?? '';
  const place = textAt(scheme, 'in');
  const http = textAt(scheme, 'scheme')?.toLowerCase();
  if (type === 'basic' || (type === 'http' && http === 'basic'))
    return { type, kind: 'basic', parameter: 'Authorization' };
  if (['oauth2', 'openIdConnect'].includes(type) || (type === 'http' && http === 'bearer'))
    return { type, kind: 'bearer', parameter: 'Authorization' };
  if (type === 'apiKey' && (place === 'header' || place === 'cookie') && isToken(parameter))
    return { type, kind: place, parameter };
  if (type === 'apiKey' && place === 'query' && parameter !== '' && isVisible(parameter))
    return { type, kind: place, parameter };
  return { type, kind: 'other', parameter };
}

/** A name of a variable in a shell, from the name of a scheme. */
const variableOf = (name: string): string =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .replace(/^(?=\d|$)/, 'KEY_')
    .toUpperCase()
    .slice(0, 64);

/** The variables of the secrets of an alternative. A single secret is the user's API key. */
function withVariables(schemes: Omit<Scheme, 'variables'>[]): Scheme[] {
  return schemes.map((scheme) => {
    const base = schemes.length === 1 ? 'API' : variableOf(scheme.name);
    const variables =
      scheme.kind === 'basic' ? [`${base}_USER`, `${base}_PASSWORD`] : [schemes.length === 1 ? 'API_KEY' : base];
    return { ...scheme, variables };
  });
}

/** Worse ways to send a secret have higher ranks. A query parameter ends up in logs. */
const ranks: Record<Scheme['kind'], number> = { bearer: 0, header: 0, basic: 1, cookie: 2, query: 3, other: 4 };
const rankOf = (alternative: Alternative) =>
  // Without any credential is what the reader of this page wants last.
  alternative.length === 0 ? 3.5 : Math.max(...alternative.map(({ kind }) => ranks[kind]));

/** How many alternatives of an operation are read. */
const maxAlternatives = 20;

/**
 * The alternatives of an operation, the best first. One with a query parameter is left out if another will do.
 *
 * @returns an empty list if the document says nothing
 */
export function alternativesOf(document: unknown, operation: Json): Alternative[] {
  const required = fieldOf(operation, 'security') ?? fieldOf(document, 'security');
  if (!Array.isArray(required)) return [];
  const schemes = schemesAt(document);
  const all = required
    .filter(isObject)
    .slice(0, maxAlternatives)
    .map((requirement) =>
      withVariables(
        Object.keys(requirement).map((name) => {
          const scheme = resolve(document, fieldOf(schemes, name)).value;
          const scopes = textsAt(requirement, name);
          return { name, description: textAt(scheme, 'description'), scopes, ...kindOf(scheme) };
        }),
      ),
    )
    .sort((a, b) => rankOf(a) - rankOf(b));
  const best = all[0] === undefined ? 0 : rankOf(all[0]);
  const [query, other] = [ranks.query, ranks.other];
  return all.filter((each) => rankOf(each) === best || (rankOf(each) !== query && rankOf(each) !== other));
}
