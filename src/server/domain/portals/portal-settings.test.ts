import { describe, expect, test } from '@jest/globals';
import type { ValidationFailure } from '../../problem.ts';
import type { Portal } from '../../store/portals.ts';
import { applySettings, brandingChoices, checkSettings, type PortalSettings } from './portal-settings.ts';

/** What is wrong with settings. */
function failuresOf(settings: PortalSettings & { slug?: string }): ValidationFailure[] {
  try {
    checkSettings(settings);
    return [];
  } catch (problem) {
    const { failures } = problem as { failures: ValidationFailure[] };
    if (failures.length === 0) throw problem;
    return failures;
  }
}
const locationsOf = (settings: PortalSettings & { slug?: string }) =>
  failuresOf(settings).map(({ location }) => location);
const https = (length: number) => `https://a.example/${'x'.repeat(length - 'https://a.example/'.length)}`;

describe('the shortest and the longest value of', () => {
  const bounds: [string, (length: number) => PortalSettings & { slug?: string }, number, number][] = [
    ['slug', (length) => ({ slug: 'a'.repeat(length) }), 3, 64],
    ['hostname', (length) => ({ hostname: `${'a'.repeat(2 - (length % 2))}${'.a'.repeat((length - 1) / 2)}` }), 4, 253],
    ['name', (length) => ({ name: 'ä'.repeat(length) }), 1, 128],
    ['returnUrl', (length) => ({ returnUrl: https(length) }), 20, 2048],
    ['supportUrl', (length) => ({ supportUrl: https(length) }), 20, 2048],
    ['openapiUrl', (length) => ({ openapiUrl: https(length) }), 20, 2048],
    ['branding.logoUrl', (length) => ({ branding: { logoUrl: https(length) } }), 20, 2048],
    ['branding.logoDarkUrl', (length) => ({ branding: { logoDarkUrl: https(length) } }), 20, 2048],
    ['branding.faviconUrl', (length) => ({ branding: { faviconUrl: https(length) } }), 20, 2048],
    ['branding.fontUrl', (length) => ({ branding: { fontUrl: `${https(length - 6)}.woff2` } }), 26, 2048],
    ['branding.title', (length) => ({ branding: { title: 'ä'.repeat(length) } }), 1, 128],
    [
      'branding.tabs[0].label',
      (length) => ({ branding: { tabs: [{ tab: 'docs', label: 'ä'.repeat(length) }] } }),
      1,
      40,
    ],
    [
      'branding.links[0].label',
      (length) => ({ branding: { links: [{ label: 'ä'.repeat(length), url: https(20) }] } }),
      ...([1, 60] as const),
    ],
    [
      'branding.links[0].url',
      (length) => ({ branding: { links: [{ label: 'Terms', url: https(length) }] } }),
      ...([20, 2048] as const),
    ],
  ];

  test.each(bounds)('%s', (location, of, shortest, longest) => {
    expect(locationsOf(of(shortest))).toEqual([]);
    expect(locationsOf(of(longest))).toEqual([]);
    expect(locationsOf(of(longest + 1))).toEqual([`body.${location}`]);
  });

  // URLs have a minimum that no valid URL is shorter than.
  test.each(bounds.filter(([, , shortest]) => shortest < 10))(
    '%s, and one character less',
    (location, of, shortest) => {
      expect(locationsOf(of(shortest - 1))).toEqual([`body.${location}`]);
    },
  );
});

/** Addresses that one reader takes for `good.example` and another for `evil.example`. */
const ambiguous = [
  'https://good.example\\@evil.example/',
  'https://good.example\\.evil.example/',
  'https:\\\\evil.example/',
  'https:/evil.example/',
  'https:evil.example/',
  'https://good.example\t@evil.example/',
  'https://evil.example#@good.example\\/',
  'https://evil.example%00.good.example/[',
];
const onlyField = (field: string, url: string): PortalSettings =>
  field.startsWith('branding.') ? { branding: { [field.slice('branding.'.length)]: url } } : { [field]: url };

test.each(['returnUrl', 'supportUrl', 'openapiUrl', 'branding.logoUrl', 'branding.logoDarkUrl', 'branding.faviconUrl'])(
  '%s is no address that readers understand differently',
  (field) => {
    const refused = ambiguous.map((url) => [...new Set(locationsOf(onlyField(field, url)))]);
    expect(refused).toEqual(ambiguous.map(() => [`body.${field}`]));
  },
);

test.each<[PortalSettings & { slug?: string }, string[]]>([
  [{ slug: 'a-b' }, []],
  [{ slug: 'a--b' }, []],
  [{ slug: '-ab' }, ['body.slug']],
  [{ slug: 'ab-' }, ['body.slug']],
  [{ slug: 'A-b' }, ['body.slug']],
  ...['acme', 'Keys.acme.example', 'keys.acme.example.', 'keys.acme.example:443', '-a.example', 'a.1'].map(
    (hostname): [PortalSettings, string[]] => [{ hostname }, ['body.hostname']],
  ),
  [{ hostname: 'keys.acme.example' }, []],
  [{ returnUrl: 'http://localhost:3000/x' }, []],
  [{ returnUrl: 'http://a.example' }, ['body.returnUrl']],
  [{ returnUrl: 'https://' }, ['body.returnUrl']],
  ...(['returnUrl', 'supportUrl', 'openapiUrl'] as const).flatMap((field) =>
    ['a b', 'ü', '\u000f', '%', '[a]'].map((path): [PortalSettings, string[]] => [
      { [field]: `https://a.example/${path}` },
      [`body.${field}`],
    ]),
  ),
  ...(['logoUrl', 'logoDarkUrl', 'faviconUrl'] as const).map((field): [PortalSettings, string[]] => [
    { branding: { [field]: 'https://ü.example/' } },
    [`body.branding.${field}`],
  ]),
  [{ name: '\u202egnitset' }, ['body.name']],
  [{ supportUrl: 'http://localhost:3000' }, ['body.supportUrl']],
  [{ openapiUrl: 'http://localhost:3000/x' }, []],
  [{ openapiUrl: 'https://user@a.example/x' }, ['body.openapiUrl']],
  [{ openapiUrl: 'https://:password@a.example/x' }, ['body.openapiUrl']],
  [{ branding: { primaryColorDark: '#12345' } }, ['body.branding.primaryColorDark']],
  [{ branding: { title: 'a\nb' } }, ['body.branding.title']],
  [{ branding: { fontUrl: 'https://a.example/f.woff2?v=1' } }, []],
  ...[
    'https://a.example/f.woff',
    'https://a.example/?f.woff2',
    'https://ü.example/f.woff2',
    'https://a.example/a b.woff2',
  ].map((fontUrl): [PortalSettings, string[]] => [{ branding: { fontUrl } }, ['body.branding.fontUrl']]),
  [{ branding: { language: 'pt-BR' } }, []],
  ...['d', 'de_DE', 'de-a-b'].map((language): [PortalSettings, string[]] => [
    { branding: { language } },
    ['body.branding.language'],
  ]),
  ...(['colorScheme', 'font', 'radius', 'density', 'neutral', 'header'] as const).flatMap(
    (name): [PortalSettings, string[]][] => [
      [{ branding: { [name]: 'odd' } }, [`body.branding.${name}`]],
      ...brandingChoices[name].map((value): [PortalSettings, string[]] => [{ branding: { [name]: value } }, []]),
      [{ branding: { [name]: null } }, []],
    ],
  ),
  [{ branding: { tabs: [{ tab: 'docs' }, { tab: 'keys', label: 'Keys' }] } }, []],
  [
    { branding: { tabs: [{ tab: 'docs' }, { tab: 'docs' }, { tab: 'billing' }] } },
    ['body.branding.tabs[1].tab', 'body.branding.tabs[2].tab'],
  ],
  [
    {
      branding: {
        links: [
          { label: 'a', url: 'http://a.example' },
          { label: '\u200b', url: 'https://a.example' },
        ],
      },
    },
    ['body.branding.links[0].url', 'body.branding.links[1].label'],
  ],
  [
    {
      branding: {
        variables: [
          { name: '--portico-ground', light: '#ffffff' },
          { name: '--portico-ground', dark: '#000000' },
          { name: 'constructor', light: '#ffffff' },
        ],
      },
    },
    ['body.branding.variables[1].name', 'body.branding.variables[2].name'],
  ],
  [{ branding: { tabs: null, links: null, variables: null, title: null, language: null } }, []],
  [{ branding: { primaryColor: '#A1b2c3' } }, []],
  [{ branding: { primaryColor: '#12345g' } }, ['body.branding.primaryColor']],
  [
    { allowedReturnOrigins: ['https://a.example', 'https://a.example/', 'https://B.example'] },
    [1, 2].map((i) => `body.allowedReturnOrigins[${i}]`),
  ],
  [
    { embeddingOrigins: ['http://localhost:1', 'http://a.example', 'nothing'] },
    [1, 2].map((i) => `body.embeddingOrigins[${i}]`),
  ],
  [
    { allowedOrigins: ['https://a.example', 'https://A.example', 'https://a.example:443', 'null', '*'] },
    [1, 2, 3, 4].map((i) => `body.allowedOrigins[${i}]`),
  ],
  [{ name: null, returnUrl: null, supportUrl: null, openapiUrl: null, branding: { logoUrl: null } }, []],
  [{ slug: 'A', name: '', branding: { logoUrl: 'x' } }, ['body.slug', 'body.branding.logoUrl', 'body.name']],
])('%j has the failures %j', (settings, locations) => {
  expect(locationsOf(settings)).toEqual(locations);
});

test.each([
  ['d', ['is not valid']],
  ['de_DE', ['is not valid']],
  // Each part has the form of one.
  ['de-ab-ab', ['is no language tag of BCP 47']],
  ['pt-BR', []],
])('the language %j of a portal has one failure at most: %j', (language, messages) => {
  expect(failuresOf({ branding: { language } }).map(({ message }) => message)).toEqual(messages);
});

describe('a list', () => {
  const origin = (i: number) => `https://a${i}.example`;
  const of = (count: number, item: (i: number) => string) => Array.from({ length: count }, (_, i) => item(i));

  test.each([
    ['tabs', 20, { tab: 'docs' }],
    ['links', 6, { label: 'Terms', url: 'https://a.example' }],
    ['variables', 24, { name: '--portico-text', light: '#000000' }],
  ] as const)('%s of the branding has at most %d items', (list, most, item) => {
    const tooMany = `body.branding.${list}[${most}]`;
    const locations = (length: number) => locationsOf({ branding: { [list]: Array.from({ length }, () => item) } });
    expect(locations(most)).not.toContain(tooMany);
    expect(locations(most + 1)).toContain(tooMany);
  });

  test.each([
    ['apiIds', 100, (i: number) => `api_${i}`],
    ['allowedReturnOrigins', 20, origin],
    ['embeddingOrigins', 20, origin],
    ['allowedOrigins', 20, origin],
  ] as const)('%s has at most %d items, each once', (list, most, item) => {
    expect(locationsOf({ [list]: [] })).toEqual([]);
    expect(locationsOf({ [list]: of(most, item) })).toEqual([]);
    expect(locationsOf({ [list]: of(most + 1, item) })).toEqual([`body.${list}[${most}]`]);
    expect(locationsOf({ [list]: [item(1), item(2), item(1), item(2)] })).toEqual([`body.${list}[2]`]);
  });
});

describe('a change', () => {
  const branding = { primaryColor: '#112233', logoUrl: 'https://a.example/logo.svg' };
  const portal: Portal = {
    portalId: 'portal_1',
    workspaceId: 'ws_1',
    slug: 'acme',
    name: 'Acme',
    enabled: true,
    allowedReturnOrigins: ['https://a.example'],
    branding,
    apiIds: ['api_1'],
    version: 1,
    createdAt: 1,
    updatedAt: 1,
  };

  test('replaces what it has, leaves what is absent and clears what is null', () => {
    expect(applySettings(portal, {})).toEqual(portal);
    expect(applySettings(portal, { enabled: false, allowedReturnOrigins: [], apiIds: [] })).toEqual({
      ...portal,
      enabled: false,
      allowedReturnOrigins: [],
      apiIds: [],
    });
    const { name: _, ...unnamed } = portal;
    expect(applySettings(portal, { name: null })).toEqual(unnamed);
    expect(applySettings(portal, { name: ' Cafe\u0301 ' })).toEqual({ ...portal, name: 'Caf\u00e9' });
  });

  test.each<[PortalSettings['branding'], object]>([
    [{}, branding],
    [{ logoUrl: null }, { primaryColor: '#112233' }],
    [{ primaryColor: '#445566' }, { ...branding, primaryColor: '#445566' }],
    // A portal always has a colour.
    [{ primaryColor: null }, { ...branding, primaryColor: '#2563eb' }],
    [{ faviconUrl: 'https://a.example/icon.svg' }, { ...branding, faviconUrl: 'https://a.example/icon.svg' }],
    [
      { title: ' Cafe\u0301 ', tabs: [{ tab: 'docs', label: ' Docs ' }, { tab: 'keys' }] },
      { ...branding, title: 'Caf\u00e9', tabs: [{ tab: 'docs', label: 'Docs' }, { tab: 'keys' }] },
    ],
    [
      { links: [{ label: ' Terms ', url: 'https://a.example' }] },
      { ...branding, links: [{ label: 'Terms', url: 'https://a.example' }] },
    ],
    [{ tabs: [], links: [], variables: [] }, branding],
    [{ tabs: null, links: null, title: null }, branding],
    [
      { colorScheme: 'dark', radius: null },
      { ...branding, colorScheme: 'dark' },
    ],
  ])('of the branding by %j', (change, expected) => {
    expect(applySettings(portal, { branding: change ?? {} }).branding).toStrictEqual(expected);
  });
});
