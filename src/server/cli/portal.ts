import { type Command, Option } from 'commander';
import { brandingChoices, type PortalSettings } from '../domain/portals/portal-settings.ts';
import { createPortal, deletePortal, getPortal, updatePortal } from '../domain/portals/portals.ts';
import { actInWorkspace, addNoun, addWorkspaceCommand, allPages, collect } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { UsageError } from './failure.ts';
import { given, listOrNone } from './lists.ts';
import { commandLine } from './operator.ts';
import { printList, printRecord } from './output.ts';

/** Two options that contradict each other. */
const opposites = (command: Command, [on, onText]: [string, string], [off, offText]: [string, string]) =>
  command
    .addOption(new Option(`--${on}`, onText).conflicts(attributeOf(off)))
    .addOption(new Option(`--${off}`, offText).conflicts(attributeOf(on)));

/** `show-powered-by` → `showPoweredBy` */
const attributeOf = (option: string) => new Option(`--${option}`).attributeName();

/** `colorScheme` → `color-scheme` */
const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The options that have one of a few values. */
const choiceOptions: [name: keyof typeof brandingChoices, text: string][] = [
  ['colorScheme', 'color scheme (default: auto)'],
  ['font', 'font (default: system)'],
  ['radius', 'corners (default: medium)'],
  ['density', 'space of rows and controls (default: comfortable)'],
  ['neutral', 'tint of grounds, lines and texts (default: zinc)'],
  ['header', 'header; none is for frames (default: full)'],
];

/** Both sides of the first `=`; the right one is undefined without one. */
function sidesOf(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

type BrandingOf = NonNullable<PortalSettings['branding']>;
type Tabs = NonNullable<BrandingOf['tabs']>;
type Links = NonNullable<BrandingOf['links']>;
type Variables = NonNullable<BrandingOf['variables']>;

/** `docs=API reference` → the tab and its label */
function tabOf(text: string): Tabs[number] {
  const [tab, label] = sidesOf(text);
  return { tab, ...(label !== undefined && { label }) };
}

/** `Terms=https://acme.example/terms` → the link */
function linkOf(text: string): Links[number] {
  const [label, url = ''] = sidesOf(text);
  return { label, url };
}

/** `ground=#ffffff,#101010`, `--portico-ground=#ffffff` or `radius=4px` → the variable */
function variableOf(text: string): Variables[number] {
  const [short, value = ''] = sidesOf(text);
  const name = short.startsWith('--') ? short : `--portico-${short}`;
  if (value.endsWith('px')) return { name, value };
  const [light = '', dark = ''] = value.split(',').map((color) => color.trim());
  return { name, ...(light !== '' && { light }), ...(dark !== '' && { dark }) };
}

/** Adds an option for each setting; in an update the value `none` clears a setting. */
function withSettings(command: Command, clear: string): Command {
  command
    .option('--name <name>', `name that users see${clear}`)
    .option('--hostname <name>', `host name at which users reach it (default: that of the server)${clear}`)
    .option(
      '--return-url <url>',
      `where users return to after they leave or their session expires, https or localhost${clear}`,
    )
    .option('--primary-color <color>', `brand colour, #rrggbb (default: #2563eb)${clear}`)
    .option('--primary-color-dark <color>', `brand colour in the dark scheme (default: the other one)${clear}`)
    .option('--logo-url <url>', `logo, https${clear}`)
    .option('--logo-dark-url <url>', `logo on a dark background, https${clear}`)
    .option('--favicon-url <url>', `icon of the browser tab, https${clear}`)
    .option('--title <title>', `title of the browser tab (default: the name)${clear}`)
    .option('--font-url <url>', `font of your own, a .woff2 file, https${clear}`)
    .option(
      '--language <tag>',
      `language of users without a locale, such as de (default: that of the browser)${clear}`,
    );
  for (const [option, text] of choiceOptions) {
    const values = brandingChoices[option];
    command.addOption(new Option(`--${kebab(option)} <value>`, text).choices([...values]));
  }
  opposites(
    command,
    ['logo-shows-name', 'the logo shows the name, so the portal does not repeat it'],
    ['logo-hides-name', 'the portal shows the name beside the logo (default)'],
  );
  return opposites(
    command,
    ['show-powered-by', 'show the "Powered by" line'],
    ['hide-powered-by', 'hide the "Powered by" line (default)'],
  )
    .option('--tab <tab=label>', `a tab in its place, and its label; repeatable${clear}`, collect)
    .option('--link <label=url>', `a link at the end of each page, https; repeatable${clear}`, collect)
    .option(
      '--variable <name=value>',
      `a variable of the theme, such as ground=#ffffff,#101010 (light,dark) or radius=4px; repeatable${clear}`,
      collect,
    )
    .option('--support-url <url>', `support page for users, https${clear}`)
    .option('--openapi-url <url>', `OpenAPI document of your API, https or localhost${clear}`)
    .option(
      '--allowed-return-origin <origin>',
      `another origin that the return URL of a session can have; repeatable${clear}`,
      collect,
    )
    .option(
      '--embedding-origin <origin>',
      `origin whose pages can show the portal in a frame; repeatable${clear}`,
      collect,
    )
    .option(
      '--allowed-origin <origin>',
      `origin whose pages can call the portal from a browser; repeatable${clear}`,
      collect,
    )
    .option('--api-id <id>', `API whose keys users can manage; repeatable${clear}`, collect);
}

/** The options of `withSettings`, as commander parses them. */
interface SettingOptions extends Partial<Record<TextOption | keyof typeof brandingChoices, string>> {
  logoShowsName?: true;
  logoHidesName?: true;
  tab?: string[];
  link?: string[];
  variable?: string[];
  showPoweredBy?: true;
  hidePoweredBy?: true;
  allowedReturnOrigin?: string[];
  embeddingOrigin?: string[];
  allowedOrigin?: string[];
  apiId?: string[];
  enabled?: true;
  disabled?: true;
}
type TextOption =
  | 'name'
  | 'hostname'
  | 'returnUrl'
  | 'primaryColor'
  | 'primaryColorDark'
  | 'logoUrl'
  | 'logoDarkUrl'
  | 'faviconUrl'
  | 'title'
  | 'fontUrl'
  | 'language'
  | 'supportUrl'
  | 'openapiUrl';

/**
 * The settings of the options that were passed.
 *
 * @throws UsageError if a list is both cleared and set
 */
function settingsOf(options: SettingOptions): PortalSettings {
  const text = (name: TextOption) => (options[name] === 'none' ? null : options[name]);
  const list = (option: string, values: string[] | undefined) => {
    const items = listOrNone(option, values);
    return items === null ? [] : items;
  };
  const either = (on: true | undefined, off: true | undefined) => on ?? (off && false);
  const branding = given({
    primaryColor: text('primaryColor'),
    primaryColorDark: text('primaryColorDark'),
    logoUrl: text('logoUrl'),
    logoDarkUrl: text('logoDarkUrl'),
    faviconUrl: text('faviconUrl'),
    title: text('title'),
    fontUrl: text('fontUrl'),
    language: text('language'),
    ...Object.fromEntries(choiceOptions.map(([name]) => [name, options[name]])),
    logoShowsName: either(options.logoShowsName, options.logoHidesName),
    tabs: list('tab', options.tab)?.map(tabOf),
    links: list('link', options.link)?.map(linkOf),
    variables: list('variable', options.variable)?.map(variableOf),
    showPoweredBy: either(options.showPoweredBy, options.hidePoweredBy),
  });
  return given({
    name: text('name'),
    hostname: text('hostname'),
    returnUrl: text('returnUrl'),
    supportUrl: text('supportUrl'),
    openapiUrl: text('openapiUrl'),
    branding: Object.keys(branding).length > 0 ? branding : undefined,
    allowedReturnOrigins: list('allowed-return-origin', options.allowedReturnOrigin),
    embeddingOrigins: list('embedding-origin', options.embeddingOrigin),
    allowedOrigins: list('allowed-origin', options.allowedOrigin),
    apiIds: list('api-id', options.apiId),
    enabled: either(options.enabled, options.disabled),
  });
}

export function addPortalCommands(program: Command): void {
  const noun = addNoun(program, 'portal', 'Portals: what your users see.');
  const slug = ['--slug <slug>', 'slug of the portal'] as const;

  actInWorkspace<SettingOptions & { slug: string }>(
    withSettings(
      addWorkspaceCommand(noun, 'create', 'Creates a portal.', [
        '--workspace ws_… --slug my-portal',
        "--workspace ws_… --slug my-portal --name Acme --primary-color '#0f766e' --return-url https://app.acme.example",
      ]).requiredOption('--slug <slug>', '3 to 64 lowercase letters, digits and hyphens, with no hyphen first or last'),
      '',
    ).option('--disabled', 'users cannot enter the portal'),
    async ({ store, workspaceId }, options) => {
      const settings = { slug: options.slug, ...settingsOf(options) };
      printRecord(await createPortal(store, workspaceId, settings, commandLine), options);
    },
  );

  actInWorkspace(
    addWorkspaceCommand(noun, 'list', 'Lists the portals of a workspace.', ['--workspace ws_…']),
    async ({ store, workspaceId }, options) =>
      printList(
        await allPages((page) => store.portals.list(workspaceId, page)),
        ['portalId', 'slug', 'name', 'enabled', 'version', 'updatedAt'],
        options,
      ),
  );

  actInWorkspace<{ slug: string }>(
    addWorkspaceCommand(noun, 'get', 'Shows one portal.', ['--workspace ws_… --slug my-portal']).requiredOption(
      ...slug,
    ),
    async ({ store, workspaceId }, options) => printRecord(await getPortal(store, workspaceId, options.slug), options),
  );

  actInWorkspace<SettingOptions & { slug: string }>(
    addYes(
      opposites(
        withSettings(
          addWorkspaceCommand(noun, 'update', 'Changes the given settings.', [
            "--workspace ws_… --slug my-portal --primary-color '#0f766e'",
            '--workspace ws_… --slug my-portal --return-url none --disabled',
          ]).requiredOption(...slug),
          '; "none" clears it',
        ),
        ['enabled', 'users can enter the portal'],
        ['disabled', 'users cannot enter the portal, and its sessions end; asks for confirmation'],
      ),
    ),
    async ({ store, workspaceId }, options) => {
      const settings = settingsOf(options);
      if (Object.keys(settings).length === 0) throw new UsageError('There is nothing to change. Add a setting.');
      const before = await getPortal(store, workspaceId, options.slug);
      if (options.disabled) await confirm(`Disable the portal "${before.slug}" and end its sessions?`, options);
      printRecord(await updatePortal(store, workspaceId, before.portalId, settings, commandLine), options);
    },
  );

  actInWorkspace<{ slug: string }>(
    addYes(
      addWorkspaceCommand(noun, 'delete', 'Deletes a portal and its sessions.', [
        '--workspace ws_… --slug my-portal',
      ]).requiredOption(...slug),
    ),
    async ({ store, workspaceId }, options) => {
      const { portalId, slug: name } = await getPortal(store, workspaceId, options.slug);
      await confirm(`Delete the portal "${name}" and end its sessions?`, options);
      await deletePortal(store, workspaceId, portalId, commandLine);
      printRecord({ portalId, deleted: true }, options);
    },
  );
}
