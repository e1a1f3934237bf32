/** What the gallery shows: a user of the company Acme with a few keys and a week of calls, always the same. */
import type {
  KeyCounts,
  LimitsOfApi,
  ListedKey,
  PortalSession,
  UserAuditEntry,
  UserSession,
  VerificationBucket,
  Verifications,
  VisibleApi,
} from '../../../generated/client/types.gen.ts';

/** The time of the gallery: Tuesday, 24 November 2026, 14:32 UTC, in Unix ms. */
export const present = Date.UTC(2026, 10, 24, 14, 32);
const minute = 60_000;
const hour = 60 * minute;
export const day = 24 * hour;
const timeZone = 'Europe/Berlin';

/** The origin of the customer's API. */
export const apiOrigin = 'https://api.acme.example';

const apiId = 'api_8TmYzNq3KdWv';
const actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'] as const;

export const session: PortalSession = {
  externalId: 'acct_northwind',
  actor: { id: 'jo', name: 'Jo Sharma' },
  permissions: [...actions.map((action) => `api.*.${action}`), 'portal.*.read_account'],
  tabs: ['keys', 'analytics', 'docs', 'account'],
  preview: false,
  expiresAt: present + 20 * hour,
  portal: {
    slug: 'acme',
    name: 'Acme',
    returnUrl: 'https://app.acme.example/settings',
    supportUrl: 'https://help.acme.example/',
    branding: { primaryColor: '#0f766e', showPoweredBy: true },
  },
};

export const apis: VisibleApi[] = [
  {
    apiId,
    name: 'Acme API',
    prefix: 'acme',
    actions: [...actions],
    scopes: [
      { scope: 'projects:read', kind: 'list', description: 'See projects' },
      { scope: 'projects:write', kind: 'list', description: 'Create and change projects' },
      { scope: 'invoices:read', kind: 'list' },
      { scope: 'members:invite', kind: 'list' },
    ],
    policy: {
      perKey: { ratelimit: { limit: 10_000, duration: minute } },
      perUser: { quota: { limit: 100_000, period: 'month', timeZone } },
      maxLifetime: 365 * day,
    },
  },
];

export const limits: LimitsOfApi[] = [
  {
    apiId,
    quota: { limit: 100_000, period: 'month', timeZone, remaining: 51_790, reset: Date.UTC(2026, 10, 30, 23) },
  },
];

/** A number below one that looks random, always the same for the same input. */
const noise = (seed: number): number => {
  const wave = Math.sin(seed * 12.9898) * 43_758.5453;
  return wave - Math.floor(wave);
};

const hoursOf = (size: number): number[] =>
  Array.from({ length: 24 }, (_, i) => Math.round(size * (0.2 + noise(i + size)) * (i > 6 && i < 20 ? 1 : 0.25)));

const usageOf = (size: number) => {
  const hours = hoursOf(size);
  return { startTime: present - 24 * hour, total: hours.reduce((sum, count) => sum + count, 0), hours };
};

const key = (id: string, name: string | undefined, over: Partial<ListedKey> & { calls?: number }): ListedKey => {
  const { calls = 0, ...rest } = over;
  return {
    keyId: `key_${id}`,
    apiId,
    start: `acme_${id.slice(0, 4)}`,
    ...(name !== undefined && { name }),
    enabled: true,
    managed: false,
    createdAt: present - 40 * day,
    updatedAt: present - 2 * day,
    usage: usageOf(calls),
    ...rest,
  };
};

export const keys: ListedKey[] = [
  key('lyOG2x8PqRt4', 'Production', {
    calls: 2600,
    lastUsedAt: present - 2 * minute,
    scopes: ['projects:read', 'projects:write'],
    ratelimit: { limit: 500, duration: minute },
    ipRanges: ['192.0.2.0/24', '2001:db8::/48'],
  }),
  key('b7Kd9sVw1ZcM', 'Staging', { calls: 640, lastUsedAt: present - 3 * hour, expires: present + 5 * day }),
  key('Qe5nT0uYh3Jf', 'Continuous integration (nightly)', {
    calls: 210,
    lastUsedAt: present - 14 * hour,
    replaces: 'key_W2aXs8Dc6VbN',
    expires: present + 90 * day,
  }),
  key('W2aXs8Dc6VbN', 'Continuous integration', {
    calls: 12,
    lastUsedAt: present - 20 * hour,
    replacedBy: 'key_Qe5nT0uYh3Jf',
    expires: present + day,
  }),
  key('m4Rf7Tg1YhU9', 'Jo’s laptop', { enabled: false, lastUsedAt: present - 9 * day }),
  key('Zx3Cv6Bn2MqL', undefined, { expires: present - 3 * day, lastUsedAt: present - 4 * day }),
  key('pL0oK9iJ8uHy', 'Partner integration', { managed: true, calls: 90, lastUsedAt: present - 50 * minute }),
  key(
    't6Yg5Hb4Nj3M',
    'A name that is much longer than the column of a table, so that it has to be cut off at its end',
    {},
  ),
];

export const counts: KeyCounts = { all: 8, active: 4, expiring: 2, inactive: 2 };

/** The key of the gallery that is in use. */
export const [firstKey] = keys as [ListedKey];

const outcomes = [
  'valid',
  'rateLimited',
  'disabled',
  'expired',
  'usageExceeded',
  'insufficientPermissions',
  'forbidden',
] as const;
type Counts = Omit<VerificationBucket, 'time'>;
const zero: Counts = { total: 0, ...(Object.fromEntries(outcomes.map((each) => [each, 0])) as Omit<Counts, 'total'>) };

const sumOf = (buckets: readonly Counts[]): Counts => {
  const sum = { ...zero };
  for (const bucket of buckets) for (const name of ['total', ...outcomes] as const) sum[name] += bucket[name];
  return sum;
};

/** The calls of an hour or of a day: more by day than by night, and some are refused. */
function callsAt(time: number, length: number): Counts {
  const clock = new Date(time).getUTCHours();
  const busy = length === day ? 12 : clock > 6 && clock < 20 ? 1 : 0.2;
  const valid = Math.round(1800 * busy * (0.5 + noise(time / hour)));
  const rateLimited = Math.round(valid * 0.05 * noise(time / hour + 1));
  const expired = noise(time / hour + 2) > 0.8 ? 40 : 0;
  return { ...zero, valid, rateLimited, expired, total: valid + rateLimited + expired };
}

/** The usage of a window, in hours up to 8 days and else in days, as the server counts it. */
export function usage({ startTime, endTime }: { startTime: number; endTime: number }): Verifications {
  const length = endTime - startTime > 8 * day ? day : hour;
  const series: VerificationBucket[] = [];
  // The days of Berlin begin an hour before those of UTC.
  for (let time = Math.floor((startTime + hour) / length) * length - hour; time < endTime; time += length)
    if (time >= startTime - length) series.push({ time: Math.max(time, startTime), ...callsAt(time, length) });
  const totals = sumOf(series);
  const part = (share: number): Counts => {
    const counted = { ...zero };
    for (const name of outcomes) counted[name] = Math.round(totals[name] * share);
    return { ...counted, total: outcomes.reduce((sum, name) => sum + counted[name], 0) };
  };
  return {
    ...{ startTime, endTime, storedSince: endTime - 90 * day, timeZone, granularity: length === day ? 'day' : 'hour' },
    ...{ totals, previousTotals: part(0.88), series },
    topKeys: keys.slice(0, 4).map(({ keyId, name, start }, i) => ({
      ...{ keyId, apiId, start, ...(name !== undefined && { name }) },
      ...part([0.7, 0.2, 0.08, 0.02][i] ?? 0),
      trend: series.map(({ total }) => Math.round(total * ([0.7, 0.2, 0.08, 0.02][i] ?? 0))),
    })),
  };
}

/** No calls at all in a window. */
export const noUsage = (window: { startTime: number; endTime: number }): Verifications => {
  const { series, ...rest } = usage(window);
  return {
    ...rest,
    totals: zero,
    previousTotals: zero,
    series: series.map(({ time }) => ({ time, ...zero })),
    topKeys: [],
  };
};

export const sessions: UserSession[] = [
  { handle: 'sess_5Hk2mW', age: hour, current: true, actor: session.actor },
  { handle: 'sess_8Qx1pL', age: 9 * hour, current: false, actor: { id: 'sam', name: 'Sam Okafor' } },
  { handle: 'sess_2Vn7tB', age: 5 * minute, current: false, actor: session.actor, state: 'pending' as const },
].map(({ handle, age, current, actor, state = 'active' }) => ({
  ...{ handle, state, current, permissions: session.permissions, preview: false },
  ...(actor !== undefined && { actor }),
  createdAt: present - age,
  expiresAt: present - age + day,
}));

const user = { type: 'user' as const, handle: 'sess_5Hk2mW', person: session.actor };
export const entries: UserAuditEntry[] = [
  {
    action: 'key.update',
    age: 4 * minute,
    before: { name: 'Prod', enabled: true },
    after: { name: 'Production', enabled: true },
  },
  { action: 'session.exchange', age: hour },
  { action: 'key.reroll', age: 2 * day, after: { name: 'Continuous integration' } },
  { action: 'key.create', age: 5 * day, after: { name: 'Staging', start: 'acme_b7Kd' } },
].map(({ action, age, before, after }, i) => ({
  auditId: `aud_${i}`,
  time: present - age,
  action,
  actor: user as UserAuditEntry['actor'],
  ip: i === 1 ? '2001:db8::7' : '192.0.2.14',
  userAgent: 'Mozilla/5.0',
  resource: { type: action.startsWith('key') ? 'key' : 'session', id: 'key_lyOG2x8PqRt4' },
  ...(before !== undefined && { before }),
  ...(after !== undefined && { after }),
}));
