/** Renders an OpenAPI document with Swagger UI under a strict policy, for the portal and for the documentation. */
import { type ComponentType, useEffect, useMemo, useRef, useState } from 'react';
import SwaggerUI from 'swagger-ui-react';
import { fixAccessibility } from './accessibility.ts';
import { callApi, callOwnServer, onlyStarted } from './call-api.ts';
import { Code } from './code.tsx';
import { Curl } from './curl.tsx';
import { Layout, OperationsLayout } from './layout.tsx';
import { Markdown } from './markdown.tsx';
import { withoutOutsideReferences } from './outside-references.ts';

/** The API of a ready Swagger UI, as far as it is used here. */
interface System {
  authActions: {
    authorize(schemes: Record<string, { name: string; schema: unknown; value: string }>): void;
    logout(schemes: string[]): void;
  };
  specSelectors: { securityDefinitions(): { get(name: string): unknown } };
}

/** No translations. */
const none: Record<string, string> = {};

const replacing = (component: ComponentType<never>) => () => component;

type ExecuteRequest = (request: object) => unknown;

/** Our components, and `send` as the only function that sends a request. */
const pluginWith = (send: typeof callApi) => () => ({
  components: { PortalLayout: Layout, OperationsLayout, onlineValidatorBadge: () => null },
  wrapComponents: {
    SyntaxHighlighter: replacing(Code as ComponentType<never>),
    Markdown: replacing(Markdown as ComponentType<never>),
    curl: replacing(Curl as ComponentType<never>),
    // The field above the document sets the key for all operations.
    AuthorizeBtnContainer: replacing(() => null),
    authorizeOperationBtn: replacing(() => null),
  },
  statePlugins: {
    spec: {
      wrapActions: {
        executeRequest: (execute: ExecuteRequest) => (request: object) => execute({ ...request, userFetch: send }),
      },
    },
  },
});

/** By what a document is: Swagger UI takes a new list for new plugins. */
const plugins = { ours: [pluginWith(callOwnServer)], customers: [pluginWith(callApi)] };

/**
 * Renders the document, with forms to try its operations.
 *
 * @param credentials by security scheme: the browser sends each only to the API, as the document specifies; empty for none
 * @param of whose document it is: a customer's is not trusted, and cannot call this server; ours calls nothing else
 * @param operationsOnly omits the document's description
 * @param texts translations of Swagger UI's own texts: English → the user's language
 */
export function SwaggerDocument({
  document,
  credentials,
  of: owner,
  operationsOnly = false,
  texts = none,
}: {
  document: object;
  credentials: Record<string, string>;
  of: keyof typeof plugins;
  operationsOnly?: boolean;
  texts?: Record<string, string>;
}) {
  const host = useRef<HTMLDivElement>(null);
  const [system, setSystem] = useState<System>();
  // Swagger UI throws if it logs out a scheme that was never authorized.
  const authorized = useRef(new Set<string>());
  const spec = useMemo(() => withoutOutsideReferences(document), [document]);

  useEffect(() => (host.current === null ? undefined : fixAccessibility(host.current, texts)), [texts]);

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
        plugins={plugins[owner]}
        requestInterceptor={onlyStarted as never}
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
