import { getOpenapiDocument } from '../domain/documents/openapi-document.ts';
import type { Operation } from './operation.ts';

export const portalGetOpenapiDocument: Operation<'portal.getOpenapiDocument'> = async ({ caller, knows }, deps) => {
  const { version, parts } = await getOpenapiDocument(deps.store, caller.portal, deps, knows);
  return { version, dataAsJson: parts };
};
