import type { CaseRequest } from './case.ts';
import type { ApiResponse } from './check-response.ts';

/** What one run has created on the target. */
export interface Created {
  /** Ids of portals, with the credential that created each. */
  portals: Map<string, string>;
  /** Ids of APIs, with the credential that created each. */
  apis: Map<string, string>;
  /** Users that got a session, a key or a setting. */
  users: Set<string>;
}

/** An empty record. */
export const nothingCreated = (): Created => ({ portals: new Map(), apis: new Map(), users: new Set() });

interface Sent {
  externalId?: unknown;
  keys?: { externalId?: unknown }[];
}

function sentBody({ body, rawBody }: CaseRequest): Sent {
  if (typeof rawBody !== 'string') return (body ?? {}) as Sent;
  try {
    return JSON.parse(rawBody) as Sent;
  } catch {
    return {};
  }
}

/** Notes what a successful request has created. */
export function noteCreated(created: Created, path: string, request: CaseRequest, { status, body }: ApiResponse): void {
  if (status !== 200) return;
  const data = (body as { data?: { portalId?: unknown; apiId?: unknown } } | undefined)?.data;
  const { authorization = '' } = request;
  const operation = path.replace('/v2/', '');
  if (operation === 'portal.createConfiguration') created.portals.set(String(data?.portalId), authorization);
  if (operation === 'apis.createApi') created.apis.set(String(data?.apiId), authorization);
  if (['portal.createSession', 'keys.createKey', 'keys.importKeys', 'identities.updateIdentity'].includes(operation)) {
    const { externalId, keys = [] } = sentBody(request);
    for (const user of [externalId, ...keys.map((key) => key.externalId)])
      if (typeof user === 'string') created.users.add(user);
  }
}

/** The fields of responses that have credentials. */
const credentialFields = ['token', 'sessionId', 'key', 'rootKey'];

/** The credentials that a response issues. */
export function issuedIn({ body }: ApiResponse): string[] {
  const { data } = (body as { data?: Record<string, unknown> } | undefined) ?? {};
  return credentialFields.flatMap((name) => {
    const value = data?.[name];
    return typeof value === 'string' ? [value] : [];
  });
}
