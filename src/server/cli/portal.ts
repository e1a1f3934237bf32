import type { Command } from 'commander';
import type { PortalSettings } from '../domain/portals/portal-settings.ts';
import { createPortal, deletePortal, getPortal, updatePortal } from '../domain/portals/portals.ts';
import { commandLine } from '../domain/workspaces/audit.ts';
import { addCommand, addNoun, allPages, collect, print, withStore } from './command.ts';

/** The settings' flags; `none` clears one in an update. */
const withSettings = (command: Command, clear: string) =>
  command
    .option('--name <name>', `the name that users see${clear}`)
    .option('--return-url <url>', `where users go when they leave or expire, https or localhost${clear}`)
    .option('--primary-color <color>', `the brand colour, #rrggbb (default: #2563eb)${clear}`)
    .option('--logo-url <url>', `the logo, https${clear}`)
    .option('--logo-dark-url <url>', `the logo on a dark ground, https${clear}`)
    .option('--favicon-url <url>', `the icon of the browser's tab, https${clear}`)
    .option('--show-powered-by', 'say what the portal is built with')
    .option('--no-show-powered-by', 'do not say it (default)')
    .option('--support-url <url>', `where users get help, https${clear}`)
    .option('--openapi-url <url>', `where the OpenAPI document of your API is, https or localhost${clear}`)
    .option(
      '--allowed-return-origin <origin>',
      'where sessions may lead beside the return URL; again for more',
      collect,
    )
    .option('--embedding-origin <origin>', 'whose pages may show the portal in a frame; again for more', collect)
    .option('--api-id <id>', 'an API it hands out keys for; again for more', collect)
    .option('--disabled', 'nobody can enter');

/** Flags that were given, as settings. */
function settingsOf(flags: Record<string, unknown>): PortalSettings {
  const { allowedReturnOrigin, embeddingOrigin, apiId, enabled, disabled } = flags;
  const cleared = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, flags[name] === 'none' ? null : flags[name]]));
  const list = (value: unknown) => (Array.isArray(value) && value[0] === 'none' ? [] : value);
  const given = (fields: object) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return given({
    ...cleared('name', 'returnUrl', 'supportUrl', 'openapiUrl'),
    branding: given(cleared('primaryColor', 'logoUrl', 'logoDarkUrl', 'faviconUrl', 'showPoweredBy')),
    allowedReturnOrigins: list(allowedReturnOrigin),
    embeddingOrigins: list(embeddingOrigin),
    apiIds: list(apiId),
    enabled: enabled || disabled ? disabled !== true : undefined,
  });
}

export function addPortalCommands(program: Command): void {
  const noun = addNoun(program, 'portal', 'Portals: what your users see.');
  const slug = ['--slug <slug>', 'its slug'] as const;
  const workspace = ['--workspace <id>', 'the workspace it belongs to'] as const;

  withSettings(
    addCommand(noun, 'create', 'Makes a portal.', [
      '--workspace ws_… --slug my-portal',
      "--workspace ws_… --slug my-portal --name Acme --primary-color '#0f766e' --return-url https://app.acme.example",
    ])
      .requiredOption(...workspace)
      .requiredOption('--slug <slug>', '3 to 64 lowercase letters, digits and single hyphens'),
    '',
  ).action(async ({ workspace: id, slug, json, ...flags }) =>
    print(await withStore((store) => createPortal(store, id, { slug, ...settingsOf(flags) }, commandLine)), { json }),
  );

  addCommand(noun, 'list', 'Lists the portals of a workspace.', ['--workspace ws_…'])
    .requiredOption(...workspace)
    .action(async ({ workspace: id, json }) =>
      print(await withStore((store) => allPages((page) => store.portals.list(id, page))), { json }),
    );

  addCommand(noun, 'get', 'Shows one portal.', ['--workspace ws_… --slug my-portal'])
    .requiredOption(...workspace)
    .requiredOption(...slug)
    .action(async ({ workspace: id, slug, json }) =>
      print(await withStore((store) => getPortal(store, id, slug)), { json }),
    );

  withSettings(
    addCommand(noun, 'update', 'Changes what is given and keeps the rest.', [
      "--workspace ws_… --slug my-portal --primary-color '#0f766e'",
      '--workspace ws_… --slug my-portal --return-url none --disabled',
    ])
      .requiredOption(...workspace)
      .requiredOption(...slug),
    '; "none" clears it',
  )
    .option('--enabled', 'users can enter')
    .action(async ({ workspace: id, slug, json, ...flags }) =>
      print(await withStore((store) => updatePortal(store, id, slug, settingsOf(flags), commandLine)), { json }),
    );

  addCommand(noun, 'delete', 'Deletes a portal. Its sessions are refused from then on.', [
    '--workspace ws_… --slug my-portal',
  ])
    .requiredOption(...workspace)
    .requiredOption(...slug)
    .action(async ({ workspace: id, slug, json }) =>
      print(
        { portalId: await withStore((store) => deletePortal(store, id, slug, commandLine)), deleted: true },
        { json },
      ),
    );
}
