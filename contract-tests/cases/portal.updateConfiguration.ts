import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { badUrls, fullWorkspaceCase, nameCases, rootKeyCases, typedName } from './common.ts';

/** An update of the state's portal at version 1. */
const validRequest =
  (changes: Record<string, unknown> = {}) =>
  ({ rootKey, slug }: Fixture): CaseRequest => ({
    authorization: `Bearer ${rootKey}`,
    body: { portal: slug || 'my-portal', version: 1, ...changes },
  });

const invalid = (...locations: string[]) => ({ status: 400, error: 'unkey/application/invalid_input', locations });

export default casesOf('portal.updateConfiguration', [
  {
    name: 'sent fields change, and the rest stays unchanged',
    given: 'freshPortal',
    request: validRequest({ branding: { logoUrl: 'https://cdn.acme.example/new-logo.svg' } }),
    response: {
      status: 200,
      data: {
        name: 'Acme',
        version: 2,
        enabled: true,
        branding: { primaryColor: '#2563eb', logoUrl: 'https://cdn.acme.example/new-logo.svg' },
      },
    },
    stateless: true,
  },
  {
    name: 'a name is stored in Unicode form C, without white space at its ends',
    given: 'freshPortal',
    request: validRequest({ name: typedName.sent }),
    response: { status: 200, data: { name: typedName.stored } },
  },
  ...nameCases('freshPortal', (name) => validRequest({ name }), 128),
  ...(['returnUrl', 'supportUrl', 'openapiUrl'] as const).flatMap((field) =>
    badUrls.map((url) => ({
      name: `${field} ${JSON.stringify(url)} is refused and named in the error`,
      given: 'freshPortal' as const,
      request: validRequest({ [field]: url }),
      response: invalid(`body.${field}`),
    })),
  ),
  {
    name: 'null clears a field',
    given: 'freshPortal',
    request: validRequest({
      ...{
        name: null,
        hostname: null,
        returnUrl: null,
        supportUrl: null,
        openapiUrl: null,
        embeddingOrigins: [],
        allowedOrigins: [],
      },
      branding: {
        ...{ primaryColor: null, logoUrl: null, logoDarkUrl: null, faviconUrl: null, showPoweredBy: null },
        ...{ primaryColorDark: null, logoShowsName: null, title: null, fontUrl: null, language: null },
        ...{ tabs: [], links: [], variables: [] },
      },
    }),
    response: { status: 200, data: { version: 2, allowedOrigins: [], branding: { primaryColor: '#2563eb' } } },
    stateless: true,
  },
  {
    name: 'a list in the branding is replaced as a whole',
    given: 'freshPortal',
    request: validRequest({ branding: { tabs: [{ tab: 'docs' }, { tab: 'keys', label: ' Schlu\u0308ssel ' }] } }),
    response: {
      status: 200,
      data: { branding: { tabs: [{ tab: 'docs' }, { tab: 'keys', label: 'Schl\u00fcssel' }] } },
    },
  },
  {
    name: 'an update that changes nothing leaves the version as it is',
    given: 'freshPortal',
    request: validRequest({ enabled: true, branding: {} }),
    response: { status: 200, data: { enabled: true, version: 1 } },
  },
  {
    name: 'a portal is found by its id',
    given: 'freshPortal',
    request: (fixture) => validRequest({ portal: fixture.portalId, enabled: false })(fixture),
    response: { status: 200, data: { enabled: false } },
    stateless: true,
  },
  {
    name: 'a version that is not the current one is refused',
    given: 'freshPortal',
    request: validRequest({ version: 7, name: 'Other' }),
    response: { status: 409, error: 'unkey/data/portal_config_version_conflict' },
  },
  {
    name: 'the host name of another portal is refused',
    given: 'takenHostname',
    request: (fixture) => validRequest({ hostname: fixture.hostname || 'keys.acme.example' })(fixture),
    response: { status: 409, error: 'unkey/data/portal_hostname_taken' },
  },
  {
    name: 'an unknown portal is not found',
    given: 'portal',
    request: validRequest({ portal: 'no-such-portal' }),
    response: { status: 404, error: 'unkey/data/portal_config_not_found' },
  },
  {
    name: 'an API outside the workspace is refused and named in the error',
    given: 'freshPortal',
    request: validRequest({ apiIds: ['api_neverWas000000000000'] }),
    response: invalid('body.apiIds[0]'),
  },
  {
    name: 'an update without a version is refused',
    given: 'freshPortal',
    request: validRequest({ version: undefined }),
    response: invalid('body.version'),
    stateless: true,
  },
  {
    name: 'a slug cannot change',
    given: 'freshPortal',
    request: validRequest({ slug: 'another-slug' }),
    response: invalid('body.slug'),
    stateless: true,
  },
  {
    name: 'an update has the same rules as a new portal',
    given: 'freshPortal',
    request: validRequest({
      name: '',
      hostname: 'acme',
      returnUrl: 'http://app.acme.example',
      supportUrl: 'http://help.acme.example',
      openapiUrl: 'http://api.acme.example',
      branding: {
        primaryColor: 'red',
        logoUrl: 'http://cdn.acme.example/logo.svg',
        logoDarkUrl: 'http://cdn.acme.example/logo.svg',
        faviconUrl: 'http://cdn.acme.example/logo.svg',
        showPoweredBy: 1,
      },
      allowedReturnOrigins: ['https://a.example/'],
      embeddingOrigins: ['https://a.example/'],
      allowedOrigins: ['https://a.example/'],
    }),
    response: invalid(
      'body.name',
      'body.hostname',
      'body.returnUrl',
      'body.branding.primaryColor',
      'body.branding.logoUrl',
      'body.supportUrl',
      'body.openapiUrl',
      'body.branding.logoDarkUrl',
      'body.branding.faviconUrl',
      'body.branding.showPoweredBy',
      'body.allowedReturnOrigins[0]',
      'body.embeddingOrigins[0]',
      'body.allowedOrigins[0]',
    ),
    stateless: true,
  },
  {
    name: 'an update of the look has the same rules as a new portal',
    given: 'freshPortal',
    request: validRequest({
      branding: {
        primaryColorDark: '#12',
        title: '',
        colorScheme: null,
        fontUrl: 'https://a.example/font.css',
        language: 'x',
        tabs: [{ tab: 'keys', label: '' }],
        links: [{ label: 'Terms', url: 'http://a.example' }],
        variables: [{ name: '--portico-line', light: 'red' }],
      },
    }),
    response: invalid(
      'body.branding.primaryColorDark',
      'body.branding.title',
      'body.branding.colorScheme',
      'body.branding.fontUrl',
      'body.branding.language',
      'body.branding.tabs[0].label',
      'body.branding.links[0].url',
      'body.branding.variables[0].light',
    ),
    stateless: true,
  },
  fullWorkspaceCase(validRequest({ name: 'A longer name than before' })),
  ...rootKeyCases((fixture) => validRequest()(fixture).body),
]);
