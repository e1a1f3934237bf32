import { type Command, Option } from 'commander';
import { itemsOf, newIdempotencyKey } from '../../../clients/typescript/src/index.ts';
import { CreateUserKeyRequestSchema, RerollUserKeyRequestSchema } from '../../../generated/client/schemas.gen.ts';
import type { CreateUserKeyRequest, KeyDetails, KeyState } from '../../../generated/client/types.gen.ts';
import { addNoun } from './command.ts';
import { addYes, confirm } from './confirm.ts';
import { UsageError } from './failure.ts';
import { actThroughApi, addApiCommand } from './http-api.ts';
import { columnNames, readKeyFile } from './key-file.ts';
import { type FailedLine, importKeys } from './key-import.ts';
import { addKeySettings, type KeySettingOptions, keySettingsOf } from './key-options.ts';
import { given } from './lists.ts';
import { readDuration, readWhole } from './numbers.ts';
import { printError, printJson, printList, printRecord } from './output.ts';

const keyId = ['--key-id <id>', 'the key, as shown by list'] as const;
const apiId = ['--api-id <id>', 'the API of the key'] as const;

/** The fields of a key in a table. */
const columns: (keyof KeyDetails)[] = [
  'keyId',
  'externalId',
  'name',
  'start',
  'enabled',
  'managed',
  'lastUsedAt',
  'expires',
];

/** `"Production" (key_…) of the user "user_123"` */
const described = ({ keyId: id, name, externalId }: KeyDetails) =>
  `${name === undefined ? id : `"${name}" (${id})`} of the user "${externalId}"`;

interface ListOptions {
  apiId: string;
  externalId?: string;
  search?: string;
  state?: KeyState;
  limit: number;
}

export function addKeyCommands(program: Command, setExitCode: (code: number) => void): void {
  const noun = addNoun(program, 'key', 'API keys of your users, through the HTTP API, as your backend does.');

  actThroughApi<KeySettingOptions & { apiId: string; externalId: string; byteLength?: number; prefix?: string }>(
    addKeySettings(
      addApiCommand(noun, 'create', 'Creates a key and shows it once.', [
        '--root-key rk_… --api-id api_… --external-id user_123 --name Production',
        '--root-key rk_… --api-id api_… --external-id user_123 --managed --ratelimit 100/1m --expires 90d',
      ])
        .requiredOption(...apiId)
        .requiredOption('--external-id <id>', 'your identifier of the user'),
    )
      .option('--byte-length <n>', 'number of random bytes in the key', (text) =>
        readWhole(text, CreateUserKeyRequestSchema.properties.byteLength),
      )
      .option('--prefix <prefix>', 'prefix of the key instead of that of the API'),
    async ({ keys }, { apiId: api, externalId, byteLength, prefix, json, ...options }) => {
      const settings = given({ ...keySettingsOf(options), byteLength, prefix });
      const empty = Object.entries(settings).find(([, value]) => value === null);
      if (empty !== undefined) throw new UsageError('A new key has nothing to clear: leave the value "none" out.');
      const body = { apiId: api, externalId, ...settings } as CreateUserKeyRequest;
      printRecord(await keys.createKey(body, { idempotencyKey: newIdempotencyKey() }), { json });
    },
  );

  actThroughApi<ListOptions>(
    addApiCommand(noun, 'list', 'Lists the keys of an API, newest first.', [
      '--root-key rk_… --api-id api_…',
      '--root-key rk_… --api-id api_… --external-id user_123 --state enabled --json',
    ])
      .requiredOption(...apiId)
      .option('--external-id <id>', 'only keys of this user')
      .option('--search <text>', 'only keys whose name contains this, or which start with it')
      .addOption(new Option('--state <state>', 'only keys in this state').choices(['enabled', 'disabled', 'expired']))
      .option(
        '--limit <n>',
        'maximum number of keys',
        (text) => readWhole(text, { minimum: 1, maximum: 1_000_000 }),
        100,
      ),
    async ({ apis }, { apiId: api, externalId, search, state, limit, json }) => {
      const filter = given({ externalId, search, state });
      const found: KeyDetails[] = [];
      const page = { apiId: api, limit: Math.min(limit, 100), ...filter };
      for await (const key of itemsOf((next) => apis.listKeys({ ...page, ...next }))) {
        if (found.length === limit) {
          if (!json) printError(`There are more than ${limit} keys. Add a filter, or a greater --limit.\n`);
          break;
        }
        found.push(key);
      }
      printList(found, columns, { json });
    },
  );

  actThroughApi<{ keyId: string }>(
    addApiCommand(noun, 'get', 'Shows one key, without its secret.', ['--root-key rk_… --key-id key_…']).requiredOption(
      ...keyId,
    ),
    async ({ keys }, options) => printRecord(await keys.getKey({ keyId: options.keyId }), options),
  );

  actThroughApi<KeySettingOptions & { keyId: string }>(
    addKeySettings(
      addApiCommand(noun, 'update', 'Changes the given settings of a key.', [
        '--root-key rk_… --key-id key_… --disabled',
        '--root-key rk_… --key-id key_… --ratelimit none --scope invoices:read',
      ]).requiredOption(...keyId),
      '; "none" clears it',
    ),
    async ({ keys }, { keyId: id, json, ...options }) => {
      const settings = keySettingsOf(options);
      if (Object.keys(settings).length === 0) throw new UsageError('There is nothing to change. Add a setting.');
      printRecord(await keys.updateKey({ keyId: id, ...settings }), { json });
    },
  );

  actThroughApi<{ keyId: string }>(
    addYes(
      addApiCommand(noun, 'delete', 'Deletes a key. The next request with it is refused.', [
        '--root-key rk_… --key-id key_…',
      ]).requiredOption(...keyId),
    ),
    async ({ keys }, options) => {
      const key = await keys.getKey({ keyId: options.keyId });
      await confirm(`Delete the key ${described(key)}?`, options);
      await keys.deleteKey({ keyId: key.keyId });
      printRecord({ keyId: key.keyId, deleted: true }, options);
    },
  );

  actThroughApi<{ keyId: string; overlap: number }>(
    addApiCommand(noun, 'reroll', 'Replaces a key with a new one, and shows the new one once.', [
      '--root-key rk_… --key-id key_… --overlap 24h',
    ])
      .requiredOption(...keyId)
      .option(
        '--overlap <duration>',
        'how long the old key still works: 24h',
        (text) => readDuration(text, RerollUserKeyRequestSchema.properties.expiration),
        0,
      ),
    async ({ keys }, { keyId: id, overlap: expiration, json }) =>
      printRecord(await keys.rerollKey({ keyId: id, expiration }, { idempotencyKey: newIdempotencyKey() }), { json }),
  );

  actThroughApi<{ apiId: string; file: string }>(
    addApiCommand(
      noun,
      'import',
      `Imports keys that were made elsewhere, by their SHA-256. It can be repeated. A file whose name ends with .csv is CSV with a header: ${columnNames.join(', ')}; several scopes or ranges are separated by "|". Any other file has a JSON object on each line, as in keys.importKeys.`,
      ['--root-key rk_… --api-id api_… --file keys.csv', '--root-key rk_… --api-id api_… --file keys.jsonl --json'],
    )
      .requiredOption(...apiId)
      .requiredOption('--file <file>', 'the file of keys'),
    async (client, { apiId: api, file, json }) => {
      const failures: FailedLine[] = [];
      const onFailed = (failed: FailedLine) => {
        if (json) failures.push(failed);
        else printError(`line ${failed.line}: ${failed.message}\n`);
      };
      const sums = await importKeys(client, api, readKeyFile(file), onFailed);
      if (sums.failed > 0) setExitCode(1);
      if (json) printJson({ ...sums, failures });
      else printRecord(sums, {});
    },
  );
}
