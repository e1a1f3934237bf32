import { getOpenapiDocument } from '../domain/documents/openapi-document.ts';
import type { Operation } from './operation.ts';

export const portalGetOpenapiDocument: Operation<'portal.getOpenapiDocument'> = async ({ caller }, deps) => ({
  dataAsJson: await getOpenapiDocument(deps.store, caller.portal, deps),
});
