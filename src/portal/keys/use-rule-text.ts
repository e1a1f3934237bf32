import { useFormatter, useTranslations } from 'use-intl';
import type { KeyRateLimit } from '../../../generated/client/types.gen.ts';
import { unitOf, units } from './key-rules.ts';

/** Returns the text of a rate limit: `100 requests per minute`. */
export function useRateText(): (limit: KeyRateLimit) => string {
  const t = useTranslations('keys.facts');
  return ({ limit, duration }) => {
    const unit = unitOf(duration);
    return unit === undefined ? t('ratelimitValue', { limit, seconds: duration / 1000 }) : t('rate', { limit, unit });
  };
}

/** Returns the text of a time in ms, in its largest unit: `90 days`. */
export function useDurationText(): (ms: number) => string {
  const format = useFormatter();
  return (ms) => {
    const unit = (['day', 'hour', 'minute'] as const).find((each) => ms % units[each] === 0) ?? 'second';
    return format.number(ms / units[unit], { style: 'unit', unit, unitDisplay: 'long' });
  };
}
