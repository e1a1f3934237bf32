import { Problem } from '../problem.ts';
import type { Operation } from './operation.ts';

export const portalGetOpenapiDocument: Operation<'portal.getOpenapiDocument'> = ({ caller: { portal } }) => {
  if (portal.openapiUrl === undefined) throw new Problem('unkey/data/openapi_document_not_found');
  const parameters = { reason: 'the server that has it could not be reached' };
  throw new Problem('unkey/data/openapi_document_unavailable', { parameters });
};
