/** The policies that the model gives to APIs and users, and what follows from them. All windows are longer than a run. */

/** What a caller chooses for a key. */
export interface KeySettings {
  name?: string | null;
  enabled?: boolean;
  managed?: boolean;
  meta?: object | null;
  ratelimit?: Rate | null;
  scopes?: string[] | null;
  ipRanges?: string[] | null;
}

export interface Rate {
  limit: number;
  duration: number;
}

const duration = 30 * 86_400_000;
const rateOf = (limit: number): Rate => ({ limit, duration });

interface Quota {
  limit: number;
  period: string;
  timeZone: string;
}

interface Ranges {
  mode: string;
  ranges: string[];
}

/** The parts of a policy. `null`, in that of a user, is no bound. */
export interface PolicyParts {
  keyRate?: Rate | null;
  userRate?: Rate | null;
  quota?: Quota | null;
  scopes?: string[] | null;
  ipRanges?: Ranges | null;
}

/** What holds for a key. Without a list of scopes, a key can have any. */
export interface Bounds {
  keyRate: Rate | undefined;
  userRate: Rate | undefined;
  quota: Quota | undefined;
  scopes: string[] | undefined;
  ipRanges: Ranges | undefined;
}

const quotaOf = (limit: number): Quota => ({ limit, period: 'month', timeZone: 'UTC' });

export const apiPolicies: PolicyParts[] = [
  {},
  { scopes: ['read', 'write'] },
  { keyRate: rateOf(2) },
  { userRate: rateOf(3) },
  { quota: quotaOf(3) },
  { keyRate: rateOf(3), userRate: rateOf(4), quota: quotaOf(5), scopes: ['read', 'write'] },
  { ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24'] } },
  { ipRanges: { mode: 'required', ranges: [] }, scopes: ['read'] },
];

export const userPolicies: PolicyParts[] = [
  {},
  { quota: quotaOf(1) },
  { keyRate: null, userRate: rateOf(2) },
  { userRate: null, quota: null },
  { scopes: ['read'] },
  { scopes: null },
  { ipRanges: null, keyRate: rateOf(1) },
];

/** The policy as a request and a response have it; undefined without any part. */
export function asPolicy({ keyRate, userRate, quota, scopes, ipRanges }: PolicyParts | Bounds): object | undefined {
  const perUser = {
    ...(userRate !== undefined && { ratelimit: userRate }),
    ...(quota !== undefined && { quota }),
  };
  const policy = {
    ...(keyRate !== undefined && { perKey: { ratelimit: keyRate } }),
    ...(Object.keys(perUser).length > 0 && { perUser }),
    ...(scopes !== undefined && { scopes }),
    ...(ipRanges !== undefined && { ipRanges }),
  };
  return Object.keys(policy).length > 0 ? policy : undefined;
}

export const keySettings: KeySettings[] = [
  {},
  { name: 'Key' },
  { enabled: false, meta: { team: 'billing' } },
  { ratelimit: rateOf(1) },
  { ratelimit: rateOf(4), managed: true },
  { scopes: ['read'] },
  { scopes: ['read', 'write'], ipRanges: ['192.0.2.0/28'] },
  { ipRanges: ['198.51.100.0/24'] },
];

export const keyChanges: KeySettings[] = [
  { enabled: false },
  { enabled: true },
  { name: 'Renamed', meta: { team: 'sales' } },
  { name: null, meta: null },
  { ratelimit: rateOf(2) },
  { ratelimit: null },
  { scopes: ['write'] },
  { scopes: null, ipRanges: null },
  { ipRanges: ['192.0.2.0/28'] },
];

/** Whether the settings are within the bounds. All windows have the same length. */
export function fits(settings: KeySettings, bounds: Bounds, kept: readonly string[], isNew: boolean): boolean {
  const { ratelimit, scopes, ipRanges = isNew ? null : undefined } = settings;
  const { keyRate, scopes: offered, ipRanges: allowed } = bounds;
  if (ratelimit && keyRate !== undefined && ratelimit.limit > keyRate.limit) return false;
  if (scopes?.some((scope) => offered?.includes(scope) === false && !kept.includes(scope))) return false;
  const within = allowed?.ranges ?? [];
  if (within.length > 0 && ipRanges?.some((range) => !range.startsWith('192.0.2.'))) return false;
  return !(allowed?.mode === 'required' && ipRanges === null);
}

/** Whether an address may use a key: by its own ranges, and by those that are allowed. */
export function mayComeFrom(ip: string | undefined, own: string[] | undefined, { ipRanges }: Bounds): boolean {
  const isIn = (ranges: string[]) =>
    ip !== undefined && ranges.some((range) => ip.startsWith(range.slice(0, range.lastIndexOf('.') + 1)));
  if (own !== undefined && !isIn(own)) return false;
  if (own === undefined && ipRanges?.mode === 'required') return false;
  return ipRanges === undefined || ipRanges.ranges.length === 0 || isIn(ipRanges.ranges);
}
