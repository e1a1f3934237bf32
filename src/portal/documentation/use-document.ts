import { useQuery } from '@tanstack/react-query';
import type { FetchedOpenapiDocument } from '../../../generated/client/types.gen.ts';
import { readOpenapiDocument } from '../server/client.ts';
import { hasCode } from '../server/failures.ts';

/** Reads the OpenAPI document of the customer's API; null if the portal has none. */
export const useDocument = () =>
  useQuery({
    queryKey: ['openapi-document'],
    queryFn: (): Promise<FetchedOpenapiDocument | null> =>
      readOpenapiDocument().catch((error: unknown) => {
        if (hasCode(error, 'openapi_document_not_found')) return null;
        throw error;
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
