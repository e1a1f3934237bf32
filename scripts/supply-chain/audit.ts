/**
 * Checks that each finding of `npm audit` is triaged: scripts/supply-chain/audit.json says why it does not affect us, and until when that holds. Without
 * a reply of the registry there is nothing to check, and the command says so.
 */
import { spawnSync } from 'node:child_process';
import { readJson, root } from './packages.ts';

/** A decision about one advisory. */
export interface Triage {
  /** The address of the advisory, as npm shows it. */
  id: string;
  why: string;
  /** The last day on which it holds, such as 2027-01-31. */
  until: string;
}

/** What `npm audit --json` writes. */
export interface AuditReport {
  message?: string;
  vulnerabilities?: Record<string, { via: (string | { url: string; title: string })[] }>;
}

/** The findings without a decision that still holds. @param today such as 2026-11-26 */
export function untriaged({ vulnerabilities = {} }: AuditReport, decisions: Triage[], today: string): string[] {
  const found = Object.entries(vulnerabilities).flatMap(([name, { via }]) =>
    via.flatMap((one) => (typeof one === 'string' ? [] : [{ name, ...one }])),
  );
  const holds = (url: string) => decisions.some(({ id, until }) => id === url && until >= today);
  return found.filter(({ url }) => !holds(url)).map(({ name, title, url }) => `${name}: ${title} (${url})`);
}

if (import.meta.main) {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  const report: AuditReport = JSON.parse(stdout || '{"message":"npm audit wrote nothing"}');
  if (report.vulnerabilities === undefined) {
    const reason = report.message?.replaceAll(/https?:\S+/g, 'the registry');
    console.log(`skipped: the registry has no advisories for us (${reason})`);
  } else {
    const open = untriaged(
      report,
      await readJson<Triage[]>('scripts/supply-chain/audit.json'),
      new Date().toISOString().slice(0, 10),
    );
    for (const finding of open) console.error(finding);
    console.log(`${open.length} findings are not triaged`);
    process.exitCode = open.length > 0 ? 1 : 0;
  }
}
