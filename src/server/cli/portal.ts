import type { Command } from 'commander';
import type { PortalSettings } from '../domain/portals/portal-settings.ts';
import { createPortal, deletePortal, getPortal, updatePortal } from '../domain/portals/portals.ts';
import { commandLine } from '../domain/workspaces/audit.ts';
import { addCommand, addNoun, allPages, collect, print, withStore } from './command.ts';

/** Adds a flag for each setting; in an update the value `none` clears a setting. */
const withSettings = (command: Command, clear: string) =>
  command
    .option('--name <name>', `name that users see${clear}`)
    .option(
      '--return-url <url>',
      `where users return to after they leave or their session expires, https or localhost${clear}`,
    )
    .option('--primary-color <color>', `brand colour, #rrggbb (default: #2563eb)${clear}`)
    .option('--logo-url <url>', `logo, https${clear}`)
    .option('--logo-dark-url <url>', `logo on a dark background, https${clear}`)
    .option('--favicon-url <url>', `icon of the browser tab, https${clear}`)
    .option('--show-powered-by', 'show the "Powered by" line')
    .option('--no-show-powered-by', 'hide it (default)')
    .option('--support-url <url>', `support page for users, https${clear}`)
    .option('--openapi-url <url>', `OpenAPI document of your API, https or localhost${clear}`)
    .option(
      '--allowed-return-origin <origin>',
      'another origin that the return URL of a session can have; repeatable',
      collect,
    )
    .option('--embedding-origin <origin>', 'origin whose pages can show the portal in a frame; repeatable', collect)
    .option('--allowed-origin <origin>', 'origin whose pages can call the portal from a browser; repeatable', collect)
    .option('--api-id <id>', 'API whose keys users can manage; repeatable', collect)
    .option('--disabled', 'users cannot enter the portal');

/** The settings of the flags that were passed. */
function settingsOf(flags: Record<string, unknown>): PortalSettings {
  const { allowedReturnOrigin, embeddingOrigin, allowedOrigin, apiId, enabled, disabled } = flags;
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
    allowedOrigins: list(allowedOrigin),
    apiIds: list(apiId),
    enabled: enabled || disabled ? disabled !== true : undefined,
  });
}

export function addPortalCommands(program: Command): void {
  const noun = addNoun(program, 'portal', 'Portals: what your users see.');
  const slug = ['--slug <slug>', 'slug of the portal'] as const;
  const workspace = ['--workspace <id>', 'the workspace'] as const;

  withSettings(
    addCommand(noun, 'create', 'Creates a portal.', [
      '--workspace ws_… --slug my-portal',
      "--workspace ws_… --slug my-portal --name Acme --primary-color '#0f766e' --return-url https://app.acme.example",
    ])
      .requiredOption(...workspace)
      .requiredOption('--slug <slug>', '3 to 64 lowercase letters, digits and hyphens, with no hyphen first or last'),
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
    addCommand(noun, 'update', 'Changes the given settings.', [
      "--workspace ws_… --slug my-portal --primary-color '#0f766e'",
      '--workspace ws_… --slug my-portal --return-url none --disabled',
    ])
      .requiredOption(...workspace)
      .requiredOption(...slug),
    '; "none" clears it',
  )
    .option('--enabled', 'users can enter the portal')
    .action(async ({ workspace: id, slug, json, ...flags }) =>
      print(await withStore((store) => updatePortal(store, id, slug, settingsOf(flags), commandLine)), { json }),
    );

  addCommand(noun, 'delete', 'Deletes a portal and its sessions.', ['--workspace ws_… --slug my-portal'])
    .requiredOption(...workspace)
    .requiredOption(...slug)
    .action(async ({ workspace: id, slug, json }) =>
      print(
        { portalId: await withStore((store) => deletePortal(store, id, slug, commandLine)), deleted: true },
        { json },
      ),
    );
}
