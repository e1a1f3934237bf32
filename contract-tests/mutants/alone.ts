/** Defects of single operations that the other written mutants break only together with others. */
import { bodyOf, envelope, type Mutant, onCall, onReply, succeeds, withBody, withData } from './mutant.ts';

type Limits = { ratelimit: { limit: number; remaining: number } }[];

export const aloneMutants: Mutant[] = [
  onReply(
    'every portal is disabled in getConfiguration',
    /^portal\.getConfiguration › a portal is found by its slug$/,
    succeeds('portal.getConfiguration'),
    (reply) => withData(reply, { enabled: false }),
  ),
  onReply(
    'getApi forgets the prefix of an API',
    /^apis\.getApi › the prefix and the policy of an API are returned/,
    succeeds('apis.getApi'),
    (reply) => withData(reply, { prefix: undefined }),
  ),
  onReply(
    'the list of APIs ends after its first page',
    /^apis\.listApis › (a page has the requested length|pages return every item once)/,
    succeeds('apis.listApis'),
    (reply) => ({ body: { ...envelope(reply), pagination: { hasMore: false } } }),
  ),
  onReply(
    'nothing counts in what is left of a rate limit',
    /^portal\.getLimits › a user gets what is left/,
    succeeds('portal.getLimits'),
    (reply) => {
      const all = envelope(reply).data as unknown as Limits;
      const data = all.map(({ ratelimit, ...api }) => ({
        ...api,
        ratelimit: { ...ratelimit, remaining: ratelimit.limit },
      }));
      return { body: { ...envelope(reply), data } };
    },
  ),
  onReply(
    'getKey returns every key as disabled',
    /^keys\.getKey › a key is returned with its user/,
    succeeds('keys.getKey'),
    (reply) => withData(reply, { enabled: false }),
  ),
  onCall(
    'keys.updateKey accepts enabled: false and leaves the key enabled',
    /^keys\.updateKey › the next verification applies the change/,
    (call) => call.operation === 'keys.updateKey' && bodyOf(call)['enabled'] === false,
    (call) => withBody(call, { enabled: true }),
  ),
  {
    name: 'the deletion of a key by its backend does nothing',
    breaks: /^keys\.deleteKey › the next verification of a deleted key/,
    createDefect: () => ({
      async onCall(call, forward) {
        if (call.operation !== 'keys.deleteKey') return undefined;
        const reply = await forward({ ...call, url: '/v2/keys.getKey' });
        return reply.status === 200
          ? { ...reply, body: { ...envelope(reply), data: { keyId: bodyOf(call)['keyId'] } } }
          : reply;
      },
    }),
  },
];
