import { expect } from 'expect';
import { type CaseRequest, casesOf, type Fixture } from '../engine/case.ts';
import { newHostname, newId } from '../engine/ids.ts';
import { fullWorkspaceCase, idempotencyCases, nameCases, rootKeyCases, typedName } from './common.ts';

/** A valid request for an unused slug, with overrides of its body. */
const validRequest =
  (over: Record<string, unknown> = {}) =>
  ({ rootKey }: Fixture): CaseRequest => ({
    authorization: `Bearer ${rootKey}`,
    body: { slug: `portal-${newId()}`, ...over },
  });

const invalid = (...locations: string[]) => ({ status: 400, error: 'unkey/application/invalid_input', locations });

/** Values with an invalid format: name, body, location of the error. */
const malformed: [name: string, body: Record<string, unknown>, location: string][] = [
  ['a slug in upper case', { slug: 'My-Portal' }, 'body.slug'],
  ['a slug that starts with a hyphen', { slug: '-my-portal' }, 'body.slug'],
  ['a slug of two letters', { slug: 'ab' }, 'body.slug'],
  ['an empty name', { name: '' }, 'body.name'],
  ['a null name, which only updates accept', { name: null }, 'body.name'],
  ['a colour by name', { branding: { primaryColor: 'red' } }, 'body.branding.primaryColor'],
  ['a short colour', { branding: { primaryColor: '#fff' } }, 'body.branding.primaryColor'],
  ['a logo over http', { branding: { logoUrl: 'http://cdn.acme.example/logo.svg' } }, 'body.branding.logoUrl'],
  ['a logo with a space', { branding: { logoUrl: 'https://cdn.acme.example/a b.svg' } }, 'body.branding.logoUrl'],
  ['an icon outside of ASCII', { branding: { faviconUrl: 'https://acme.example/ü' } }, 'body.branding.faviconUrl'],
  [
    'a dark logo with half an encoding',
    { branding: { logoDarkUrl: 'https://acme.example/%f' } },
    'body.branding.logoDarkUrl',
  ],
  ['a logo as data', { branding: { logoUrl: 'data:image/svg+xml,x' } }, 'body.branding.logoUrl'],
  ['a return URL over http', { returnUrl: 'http://app.acme.example' }, 'body.returnUrl'],
  ['a return URL that only starts with localhost', { returnUrl: 'http://localhost.evil.example' }, 'body.returnUrl'],
  ['a return URL with a script', { returnUrl: 'javascript:alert(1)' }, 'body.returnUrl'],
  ['an origin with a path', { allowedReturnOrigins: ['https://a.example/x'] }, 'body.allowedReturnOrigins[0]'],
  ['an origin with a user', { allowedReturnOrigins: ['https://a@b.example'] }, 'body.allowedReturnOrigins[0]'],
  ['an origin over http', { allowedReturnOrigins: ['http://a.example'] }, 'body.allowedReturnOrigins[0]'],
  [
    'a dark logo over http',
    { branding: { logoDarkUrl: 'http://cdn.acme.example/x.svg' } },
    'body.branding.logoDarkUrl',
  ],
  ['an icon as data', { branding: { faviconUrl: 'data:image/png;base64,x' } }, 'body.branding.faviconUrl'],
  ['a string for showPoweredBy', { branding: { showPoweredBy: 'no' } }, 'body.branding.showPoweredBy'],
  ['a support URL over http', { supportUrl: 'http://help.acme.example' }, 'body.supportUrl'],
  ['a mailto support URL', { supportUrl: 'mailto:help@acme.example' }, 'body.supportUrl'],
  ['an OpenAPI URL over http', { openapiUrl: 'http://api.acme.example/openapi.json' }, 'body.openapiUrl'],
  ['an OpenAPI URL that is a file', { openapiUrl: 'file:///etc/passwd' }, 'body.openapiUrl'],
  ['an embedding origin with a path', { embeddingOrigins: ['https://a.example/x'] }, 'body.embeddingOrigins[0]'],
  ['an embedding origin that allows all', { embeddingOrigins: ['*'] }, 'body.embeddingOrigins[0]'],
  [
    'an embedding origin that allows all subdomains',
    { embeddingOrigins: ['https://*.a.example'] },
    'body.embeddingOrigins[0]',
  ],
  ['an embedding origin with a semicolon', { embeddingOrigins: ['https://a;b'] }, 'body.embeddingOrigins[0]'],
  ['an embedding origin with an underscore', { embeddingOrigins: ['https://a_b.example'] }, 'body.embeddingOrigins[0]'],
  ['an embedding origin with an IPv6 address', { embeddingOrigins: ['http://[::1]:3000'] }, 'body.embeddingOrigins[0]'],
  ['a logo at a host with an underscore', { branding: { logoUrl: 'https://a_b.example/' } }, 'body.branding.logoUrl'],
  ['a logo at an IPv6 address', { branding: { logoDarkUrl: 'https://[::1]/x' } }, 'body.branding.logoDarkUrl'],
  ['an icon at a host with an underscore', { branding: { faviconUrl: 'https://a_b.a' } }, 'body.branding.faviconUrl'],
  ['an embedding origin over http', { embeddingOrigins: ['http://a.example'] }, 'body.embeddingOrigins[0]'],
  ['an allowed origin with a path', { allowedOrigins: ['https://a.example/x'] }, 'body.allowedOrigins[0]'],
  ['an allowed origin that allows all', { allowedOrigins: ['*'] }, 'body.allowedOrigins[0]'],
  [
    'an allowed origin that allows all subdomains',
    { allowedOrigins: ['https://*.a.example'] },
    'body.allowedOrigins[0]',
  ],
  ['an allowed origin over http', { allowedOrigins: ['http://a.example'] }, 'body.allowedOrigins[0]'],
  ['a hidden origin', { allowedOrigins: ['null'] }, 'body.allowedOrigins[0]'],
  ['a dark colour by name', { branding: { primaryColorDark: 'red' } }, 'body.branding.primaryColorDark'],
  ['a title of two lines', { branding: { title: 'a\nb' } }, 'body.branding.title'],
  ['an unknown colour scheme', { branding: { colorScheme: 'sepia' } }, 'body.branding.colorScheme'],
  ['a font by name', { branding: { font: 'Comic Sans' } }, 'body.branding.font'],
  ['a font over http', { branding: { fontUrl: 'http://a.example/f.woff2' } }, 'body.branding.fontUrl'],
  ['a font that is no WOFF2 file', { branding: { fontUrl: 'https://a.example/f.ttf' } }, 'body.branding.fontUrl'],
  [
    'a font whose query ends with the name of a file',
    { branding: { fontUrl: 'https://a.example/?f.woff2' } },
    'body.branding.fontUrl',
  ],
  ['a radius in pixels', { branding: { radius: '4px' } }, 'body.branding.radius'],
  ['an unknown density', { branding: { density: 'dense' } }, 'body.branding.density'],
  ['an unknown neutral colour', { branding: { neutral: 'red' } }, 'body.branding.neutral'],
  ['an unknown header', { branding: { header: 'hidden' } }, 'body.branding.header'],
  ['a language by name', { branding: { language: 'German' } }, 'body.branding.language'],
  ['an unknown tab', { branding: { tabs: [{ tab: 'billing' }] } }, 'body.branding.tabs[0].tab'],
  [
    'a link with a script',
    { branding: { links: [{ label: 'Terms', url: 'javascript:alert(1)' }] } },
    'body.branding.links[0].url',
  ],
  [
    'an unknown variable',
    { branding: { variables: [{ name: '--ground', light: '#ffffff' }] } },
    'body.branding.variables[0].name',
  ],
  [
    'a variable that is CSS',
    { branding: { variables: [{ name: '--portico-ground', light: 'url(/)' }] } },
    'body.branding.variables[0].light',
  ],
  ['a host name in upper case', { hostname: 'Keys.acme.example' }, 'body.hostname'],
  ['a host name with a port', { hostname: 'keys.acme.example:8443' }, 'body.hostname'],
  ['a host name of one label', { hostname: 'localhost' }, 'body.hostname'],
  ['an IP address as a host name', { hostname: '192.0.2.1' }, 'body.hostname'],
  ['a host name with a wildcard', { hostname: '*.acme.example' }, 'body.hostname'],
  ['a host name with a path', { hostname: 'acme.example/keys' }, 'body.hostname'],
  ['a host name that ends with a dot', { hostname: 'acme.example.' }, 'body.hostname'],
  ['a malformed API id', { apiIds: ['payments'] }, 'body.apiIds[0]'],
];

/** The same, against rules that a schema cannot express. */
const against: typeof malformed = [
  ['a font with a quote', { branding: { fontUrl: 'https://a.example/").woff2' } }, 'body.branding.fontUrl'],
  ['a language that is no tag', { branding: { language: 'de-a-b' } }, 'body.branding.language'],
  ['a tab twice', { branding: { tabs: [{ tab: 'docs' }, { tab: 'docs' }] } }, 'body.branding.tabs[1].tab'],
  [
    'a label with a direction',
    { branding: { tabs: [{ tab: 'docs', label: '\u202esPI' }] } },
    'body.branding.tabs[0].label',
  ],
  [
    'a link without a visible label',
    { branding: { links: [{ label: '\u200b', url: 'https://a.example' }] } },
    'body.branding.links[0].label',
  ],
  [
    'a variable without a value',
    { branding: { variables: [{ name: '--portico-text' }] } },
    'body.branding.variables[0].name',
  ],
  [
    'a colour with a length',
    { branding: { variables: [{ name: '--portico-text', value: '12px' }] } },
    'body.branding.variables[0].value',
  ],
  [
    'a length with a colour',
    { branding: { variables: [{ name: '--portico-radius', dark: '#000000' }] } },
    'body.branding.variables[0].dark',
  ],
  [
    'a length that is too large',
    { branding: { variables: [{ name: '--portico-radius', value: '25px' }] } },
    'body.branding.variables[0].value',
  ],
  [
    'a dark background of the light scheme',
    { branding: { variables: [{ name: '--portico-ground', light: '#777777' }] } },
    'body.branding.variables[0].light',
  ],
  [
    'a light background of the dark scheme',
    { branding: { variables: [{ name: '--portico-raised', dark: '#777777' }] } },
    'body.branding.variables[0].dark',
  ],
  [
    'a variable twice',
    {
      branding: {
        variables: ['#000000', '#111111'].map((light) => ({ name: '--portico-text', light })),
      },
    },
    'body.branding.variables[1].name',
  ],
];

/** A branding with every setting. */
export const wholeBranding = {
  primaryColor: '#0F766E',
  logoUrl: 'https://cdn.acme.example/logo.svg',
  logoDarkUrl: 'https://cdn.acme.example/logo-dark.svg',
  faviconUrl: 'https://cdn.acme.example/favicon.svg',
  showPoweredBy: true,
  primaryColorDark: '#2DD4BF',
  logoShowsName: true,
  title: 'Acme for developers',
  colorScheme: 'dark',
  font: 'inter',
  fontUrl: 'https://cdn.acme.example:8443/brand.woff2?v=2',
  radius: 'none',
  density: 'compact',
  neutral: 'stone',
  header: 'none',
  language: 'pt-BR',
  tabs: [{ tab: 'docs', label: 'API reference' }, { tab: 'keys' }],
  links: [
    { label: 'Terms of service', url: 'https://acme.example/terms' },
    { label: 'Status', url: 'https://status.acme.example' },
  ],
  variables: [
    { name: '--portico-ground', light: '#fffaf0', dark: '#14110C' },
    { name: '--portico-content-width', value: '960px' },
  ],
};

export default casesOf('portal.createConfiguration', [
  {
    name: 'only a slug is required',
    given: 'portal',
    request: validRequest(),
    response: {
      status: 200,
      data: {
        enabled: true,
        version: 1,
        apiIds: [],
        allowedReturnOrigins: [],
        branding: { primaryColor: '#2563eb' },
      },
    },
    stateless: true,
  },
  {
    name: 'a portal can have a host name',
    given: 'portal',
    request: (fixture) => validRequest({ hostname: newHostname() })(fixture),
    response: { status: 200, data: { hostname: expect.stringContaining('.acme.example') } },
    notOnMock: 'Prism returns the example',
  },
  {
    name: 'all fields can be set in one call',
    given: 'api',
    request: (fixture) =>
      validRequest({
        name: 'Acme',
        enabled: false,
        returnUrl: 'http://localhost:8080/back',
        allowedReturnOrigins: ['https://app.acme.example', 'http://localhost:3000'],
        supportUrl: 'https://help.acme.example/portal',
        embeddingOrigins: ['https://app.acme.example', 'http://localhost:3000'],
        allowedOrigins: ['https://keys.acme.example', 'https://[::1]:8443', 'http://[::1]:3000'],
        openapiUrl: 'http://localhost:8080/openapi.json',
        branding: wholeBranding,
        apiIds: [fixture.apiId],
      })(fixture),
    response: {
      status: 200,
      data: {
        name: 'Acme',
        enabled: false,
        returnUrl: 'http://localhost:8080/back',
        allowedReturnOrigins: ['https://app.acme.example', 'http://localhost:3000'],
        supportUrl: 'https://help.acme.example/portal',
        embeddingOrigins: ['https://app.acme.example', 'http://localhost:3000'],
        allowedOrigins: ['https://keys.acme.example', 'https://[::1]:8443', 'http://[::1]:3000'],
        openapiUrl: 'http://localhost:8080/openapi.json',
        branding: wholeBranding,
      },
    },
    stateless: true,
  },
  {
    name: 'a slug with two hyphens in a row is valid',
    given: 'portal',
    request: (fixture) => validRequest({ slug: `my--${newId()}` })(fixture),
    response: { status: 200 },
    stateless: true,
  },
  {
    name: 'a slug that is taken is refused',
    given: 'portal',
    request: (fixture) => validRequest({ slug: fixture.slug || 'my-portal' })(fixture),
    response: { status: 409, error: 'unkey/data/portal_config_already_exists' },
  },
  {
    name: 'the host name of another portal is refused',
    given: 'takenHostname',
    request: (fixture) => validRequest({ hostname: fixture.hostname || 'keys.acme.example' })(fixture),
    response: { status: 409, error: 'unkey/data/portal_hostname_taken' },
  },
  {
    name: 'an API outside the workspace is refused and named in the error',
    given: 'api',
    request: (fixture) => validRequest({ apiIds: [fixture.apiId, 'api_neverWas000000000000'] })(fixture),
    response: invalid('body.apiIds[1]'),
  },
  {
    name: 'an origin that browsers would not send is refused',
    given: 'portal',
    request: validRequest({
      allowedReturnOrigins: ['https://App.acme.example', 'https://a.example:443'],
      embeddingOrigins: ['https://a.example', 'https://B.example', 'https://a.example:443'],
      allowedOrigins: ['https://a.example', 'https://B.example', 'https://a.example:443'],
    }),
    response: invalid(
      'body.allowedReturnOrigins[0]',
      'body.allowedReturnOrigins[1]',
      'body.embeddingOrigins[1]',
      'body.embeddingOrigins[2]',
      'body.allowedOrigins[1]',
      'body.allowedOrigins[2]',
    ),
  },
  ...malformed.map(([name, body, location]) => ({
    name: `${name} is refused`,
    given: 'portal' as const,
    request: validRequest(body),
    response: invalid(location),
    stateless: true as const,
  })),
  ...against.map(([name, body, location]) => ({
    name: `${name} is refused`,
    given: 'portal' as const,
    request: validRequest(body),
    response: invalid(location),
  })),
  {
    name: 'a name is stored in Unicode form C, without white space at its ends',
    given: 'portal',
    request: validRequest({ name: typedName.sent }),
    response: { status: 200, data: { name: typedName.stored } },
  },
  ...nameCases('portal', (name) => validRequest({ name }), 128),
  fullWorkspaceCase(validRequest()),
  ...idempotencyCases((fixture) => validRequest()(fixture).body),
  ...rootKeyCases((fixture) => validRequest()(fixture).body),
]);
