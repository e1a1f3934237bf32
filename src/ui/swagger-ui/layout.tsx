import type { ComponentType } from 'react';

/** The properties that Swagger UI passes to its layout, as far as they are used here. */
interface LayoutProps {
  getComponent(name: string, isContainer?: boolean): ComponentType<Record<string, unknown>>;
  specSelectors: {
    specStr(): string;
    servers(): { size: number } | undefined;
    isSwagger2(): boolean;
    isOAS3(): boolean;
    isOAS31(): boolean;
    isOAS32?(): boolean;
  };
}

/** Swagger UI's own layout, without the main landmark and the authorize button, which our pages have themselves. */
export const Layout = (props: LayoutProps) => <Parts {...props} hasInfo />;

/** The same layout without the document's description and its servers. */
export const OperationsLayout = (props: LayoutProps) => <Parts {...props} hasInfo={false} />;

function Parts({ getComponent, specSelectors, hasInfo }: LayoutProps & { hasInfo: boolean }) {
  const [SvgAssets, VersionFilter, Errors, Info, Servers, Operations, Webhooks, Models] = [
    getComponent('SvgAssets'),
    getComponent('VersionPragmaFilter'),
    getComponent('errors', true),
    getComponent('InfoContainer', true),
    getComponent('ServersContainer', true),
    getComponent('operations', true),
    getComponent('Webhooks', true),
    getComponent('Models', true),
  ];
  if (!specSelectors.specStr()) return <div className="swagger-ui" />;
  const isOAS31 = specSelectors.isOAS31() || specSelectors.isOAS32?.() === true;
  return (
    <div className="swagger-ui">
      <SvgAssets />
      <VersionFilter
        isSwagger2={specSelectors.isSwagger2()}
        isOAS3={specSelectors.isOAS3()}
        isOAS31={specSelectors.isOAS31()}
        isOAS32={specSelectors.isOAS32?.() ?? false}
        alsoShow={<Errors />}
      >
        <Errors />
        {hasInfo && <Info />}
        {hasInfo && (specSelectors.servers()?.size ?? 0) > 0 && (
          <div className="scheme-container">
            <Servers />
          </div>
        )}
        <Operations />
        {isOAS31 && <Webhooks />}
        <Models />
      </VersionFilter>
    </div>
  );
}
