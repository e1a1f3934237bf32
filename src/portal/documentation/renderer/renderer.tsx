/** Shows an OpenAPI document by Swagger UI, under a strict policy, for everybody, in the user's language. */
import { type ComponentType, useEffect, useMemo, useRef, useState } from 'react';
import SwaggerUI from 'swagger-ui-react';
import { useMessages } from 'use-intl';
import { Loading } from '../../parts/loading.tsx';
import { keySchemes, withoutOutsideReferences } from '../openapi.ts';
import { Code } from './code.tsx';
import { Layout } from './layout.tsx';
import { Markdown } from './markdown.tsx';
import { mend } from './mend.ts';
import { useStyle } from './use-style.ts';

/** What Swagger UI hands out once it is ready: as much of it as is used here. */
interface System {
  authActions: {
    authorize(schemes: Record<string, { name: string; schema: unknown; value: string }>): void;
    logout(schemes: string[]): void;
  };
  specSelectors: { securityDefinitions(): { get(name: string): unknown } };
}

const replacing = (component: ComponentType<never>) => () => component;

const plugin = () => ({
  components: { PortalLayout: Layout, onlineValidatorBadge: () => null },
  wrapComponents: {
    SyntaxHighlighter: replacing(Code as ComponentType<never>),
    Markdown: replacing(Markdown as ComponentType<never>),
    // The key is pasted above, once for all.
    AuthorizeBtnContainer: replacing(() => null),
    authorizeOperationBtn: replacing(() => null),
  },
});

/**
 * The document, and its operations to be tried.
 *
 * @param apiKey goes from the browser to the API, as the document says, and nowhere else; none where it is empty
 */
export default function Renderer({ document, apiKey }: { document: object; apiKey: string }) {
  const host = useRef<HTMLDivElement>(null);
  const [system, setSystem] = useState<System>();
  const { docs } = useMessages();
  const hasStyle = useStyle();
  const spec = useMemo(() => withoutOutsideReferences(document), [document]);

  useEffect(() => {
    if (host.current !== null && hasStyle) return mend(host.current, docs.renderer);
    return undefined;
  }, [docs, hasStyle]);

  useEffect(() => {
    for (const [name] of system === undefined ? [] : keySchemes(document)) {
      const schema = system?.specSelectors.securityDefinitions().get(name);
      if (apiKey === '') system?.authActions.logout([name]);
      else system?.authActions.authorize({ [name]: { name, schema, value: apiKey } });
    }
  }, [system, document, apiKey]);

  if (!hasStyle) return <Loading />;
  return (
    <div ref={host} className="renderer">
      <SwaggerUI
        spec={spec}
        layout="PortalLayout"
        plugins={[plugin]}
        docExpansion="list"
        defaultModelsExpandDepth={-1}
        defaultModelExpandDepth={3}
        defaultModelRendering="example"
        deepLinking={false}
        persistAuthorization={false}
        queryConfigEnabled={false}
        displayRequestDuration
        onComplete={setSystem as never}
      />
    </div>
  );
}
