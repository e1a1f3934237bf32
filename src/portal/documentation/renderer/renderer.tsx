/** Renders the customer's OpenAPI document in the user's language. */
import { useMemo } from 'react';
import { useMessages } from 'use-intl';
import { SwaggerDocument } from '../../../ui/swagger-ui/swagger-document.tsx';
import { Loading } from '../../parts/loading.tsx';
import { keySchemes } from '../openapi.ts';
import { useStyle } from './use-style.ts';

/**
 * Renders the document, with forms to try its operations.
 *
 * @param apiKey the browser sends it only to the API, as the document specifies; empty for none
 */
export default function Renderer({ document, apiKey }: { document: object; apiKey: string }) {
  const { docs } = useMessages();
  const hasStyle = useStyle();
  const credentials = useMemo(
    () => Object.fromEntries(keySchemes(document).map(([name]) => [name, apiKey])),
    [document, apiKey],
  );
  if (!hasStyle) return <Loading />;
  return <SwaggerDocument of="customers" document={document} credentials={credentials} texts={docs.renderer} />;
}
