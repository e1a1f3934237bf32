/**
 * What must not compile about scripts. `npm run lint -- types` reads this file; nothing runs it. Each line that expects an error
 * stops the check when the error is gone.
 */

import { number, script, text } from './scripts/script.ts';
import { scripts } from './scripts.ts';

type Input<Name extends keyof typeof scripts> = Parameters<(typeof scripts)[Name]['parseCommand']>[1];

const keys = { portalSlugs: '', portals: '' };
({ keys, args: { slug: '' } }) satisfies Input<'findPortal'>;
// @ts-expect-error A key is missing.
({ keys: { portals: '' }, args: { slug: '' } }) satisfies Input<'findPortal'>;
// @ts-expect-error No key has this name.
({ keys: { ...keys, portal: '' }, args: { slug: '' } }) satisfies Input<'findPortal'>;
// @ts-expect-error The arguments are missing.
({ keys }) satisfies Input<'findPortal'>;
// @ts-expect-error No argument has this name.
({ keys, args: { name: '' } }) satisfies Input<'findPortal'>;
// @ts-expect-error The argument that takes any number of values takes a list.
({ addedApiIds: 'api_1' }) satisfies Pick<Input<'replacePortal'>['args'], 'addedApiIds'>;

const found = scripts.findPortal.transformReply([]);
// @ts-expect-error A field of one outcome can be read only where the outcome is known.
void found.portal;
if (found.outcome === 'ok') found.portal satisfies string;
// @ts-expect-error The script has no such outcome.
void (scripts.settleRequest.transformReply([]).outcome === 'not_found');
// @ts-expect-error No outcome declares this field.
void script('probe', { outcomes: { ok: { time: number, name: text } } }).transformReply([]).place;
