/** Shows an OpenAPI document by Swagger UI, under a strict policy, for everybody: in the portal, and in the documentation. */
import { type ComponentType, useEffect, useMemo, useRef, useState } from 'react';
import SwaggerUI from 'swagger-ui-react';
import { Code } from './code.tsx';
import { Layout, OperationsLayout } from './layout.tsx';
import { Markdown } from './markdown.tsx';
import { mend } from './mend.ts';
import { withoutOutsideReferences } from './outside-references.ts';

/** What Swagger UI hands out once it is ready: as much of it as is used here. */
interface System {
  authActions: {
    authorize(schemes: Record<string, { name: string; schema: unknown; value: string }>): void;
    logout(schemes: string[]): void;
  };
  specSelectors: { securityDefinitions(): { get(name: string): unknown } };
}

/** Translates nothing. */
const none: Record<string, string> = {};

const replacing = (component: ComponentType<never>) => () => component;

const plugin = () => ({
  components: { PortalLayout: Layout, OperationsLayout, onlineValidatorBadge: () => null },
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
 * @param credentials by security scheme: each goes from the browser to the API, as the document says, and nowhere else;
 *   none where it is empty
 * @param operationsOnly leaves out what the document says of itself
 * @param texts Swagger UI's own texts, English → the user's language
 */
export function SwaggerDocument({
  document,
  credentials,
  operationsOnly = false,
  texts = none,
}: {
  document: object;
  credentials: Record<string, string>;
  operationsOnly?: boolean;
  texts?: Record<string, string>;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [system, setSystem] = useState<System>();
  // Swagger UI fails where what was never authorized is logged out.
  const authorized = useRef(new Set<string>());
  const spec = useMemo(() => withoutOutsideReferences(document), [document]);

  useEffect(() => (host.current === null ? undefined : mend(host.current, texts)), [texts]);

  useEffect(() => {
    for (const [name, value] of system === undefined ? [] : Object.entries(credentials)) {
      const schema = system?.specSelectors.securityDefinitions().get(name);
      if (value !== '') {
        system?.authActions.authorize({ [name]: { name, schema, value } });
        authorized.current.add(name);
      } else if (authorized.current.delete(name)) system?.authActions.logout([name]);
    }
  }, [system, credentials]);

  return (
    <div ref={host} className="renderer">
      <SwaggerUI
        spec={spec}
        layout={operationsOnly ? 'OperationsLayout' : 'PortalLayout'}
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
