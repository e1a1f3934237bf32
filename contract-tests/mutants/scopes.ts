/** Defects of scopes: where they come from, who may carry them, and what an operation needs. */
import { bodyOf, envelope, failsWith, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';
import type { Call } from './proxy.ts';

const verify = 'keys.verifyKey';
const namesOperation = (call: Call) => call.operation === verify && bodyOf(call)['operationId'] !== undefined;
const without = (call: Call, field: string) => withBody(call, { [field]: undefined });

interface Source {
  kinds: string[];
}

export const scopeMutants: Mutant[] = [
  onReply(
    'scopes that keys carry vanish with the policy',
    /is gone while keys carry it/,
    succeeds('apis.getScopes'),
    (reply) => withData(reply, { gone: [] }),
  ),
  onReply('each scope counts one key', /keys are counted by scope/, succeeds('apis.getScopes'), (reply) => {
    const scopes = envelope(reply).data?.['scopes'] as object[];
    return withData(reply, { scopes: scopes.map((scope) => ({ ...scope, keys: 1 })) });
  }),
  onReply(
    'a key without scopes may call any operation',
    /exactly if it has all scopes of one alternative/,
    (reply, call) => namesOperation(call) && envelope(reply).data?.['code'] === 'INSUFFICIENT_PERMISSIONS',
    (reply) => withData(reply, { valid: true, code: 'VALID' }),
  ),
  onReply(
    'no key may call an operation that needs no scope',
    /exactly if it has all scopes of one alternative/,
    (reply, call) =>
      namesOperation(call) && envelope(reply).data?.['scopes'] === undefined && succeeds(verify)(reply, call),
    (reply) => withData(reply, { valid: false, code: 'INSUFFICIENT_PERMISSIONS' }),
  ),
  {
    name: 'an unknown operation needs no scope',
    breaks: /exactly if it has all scopes of one alternative/,
    createDefect: () => ({
      async onCall(call, forward) {
        const reply = await forward(call);
        return namesOperation(call) && failsWith('invalid_input')(reply)
          ? forward({ ...call, ...without(call, 'operationId') })
          : reply;
      },
    }),
  },
  onCall(
    'any portal is accepted as the source of scopes',
    /is refused as the source of scopes/,
    (call) => call.operation === 'apis.createApi' && bodyOf(call)['scopeSource'] !== undefined,
    (call) => without(call, 'scopeSource'),
  ),
  onReply(
    'the kinds of a source are in the order of the request',
    /with its kinds in the order of the enum/,
    (reply, call) => succeeds('apis.createApi')(reply, call) && envelope(reply).data?.['scopeSource'] !== undefined,
    (reply) => {
      const source = envelope(reply).data?.['scopeSource'] as Source;
      return withData(reply, { scopeSource: { ...source, kinds: source.kinds.toReversed() } });
    },
  ),
  onCall(
    'the source of scopes cannot be cleared',
    /null clears it/,
    (call) => call.operation === 'apis.updateApi' && bodyOf(call)['scopeSource'] === null,
    (call) => without(call, 'scopeSource'),
  ),
  onReply(
    'a user is offered scopes that the policy does not allow',
    /the scopes that a user can select/,
    succeeds('portal.listApis'),
    (reply) => {
      const { data, ...rest } = reply.body as { data: { scopes: object[] }[] };
      const more = { scope: 'one more', kind: 'list' };
      return { body: { ...rest, data: data.map((api) => ({ ...api, scopes: [...api.scopes, more] })) } };
    },
  ),
];
