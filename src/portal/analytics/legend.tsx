import { useTranslations } from 'use-intl';
import type { Verifications } from '../../../generated/client/types.gen.ts';
import { outcomesIn } from './outcomes.ts';
import { Swatch } from './swatch.tsx';

/** The outcomes that occur, with their colours. */
export function Legend({ usage }: { usage: Verifications }) {
  const t = useTranslations('analytics');
  return (
    <ul className="legend">
      {outcomesIn(usage.totals).map((outcome) => (
        <li key={outcome}>
          <Swatch of={outcome} />
          {t(`outcomes.${outcome}`)}
        </li>
      ))}
    </ul>
  );
}
