/**
 * Writes what an image contains as CycloneDX 1.5: `dist/sbom/server.cdx.json` has the packages of the server, and `portal.cdx.json` those
 * that are bundled into the portal. `npm sbom` refuses our tree, because two packages name older peers than we have.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lock, nameOf, readJson, readLock, root } from './packages.ts';

const purlOf = (name: string, version: string) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function componentOf(place: string, { version = '', license, integrity }: Lock[string], named: Record<string, string>) {
  const name = nameOf(place);
  const expression = license ?? named[name];
  const [algorithm, digest] = integrity?.split('-') ?? [];
  return {
    ...{ type: 'library', name, version, purl: purlOf(name, version), 'bom-ref': `${place}@${version}` },
    ...(expression !== undefined && {
      licenses: [/ /.test(expression) ? { expression } : { license: { id: expression } }],
    }),
    ...(digest !== undefined && {
      hashes: [
        { alg: String(algorithm).replace('sha', 'SHA-'), content: Buffer.from(digest, 'base64').toString('hex') },
      ],
    }),
  };
}

/** The bill of materials of one part of the product. */
export function sbomOf(part: string, version: string, lock: Lock, named: Record<string, string>) {
  return {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: `urn:uuid:${randomUUID()}`, version: 1 },
    metadata: { timestamp: new Date().toISOString(), component: { type: 'application', name: part, version } },
    components: Object.entries(lock).map(([place, locked]) => componentOf(place, locked, named)),
  };
}

/** The bills of materials of an image, by part: what the server needs, and what the bundler has put into the portal. */
export async function sbomsOfImage(): Promise<Record<'server' | 'portal', ReturnType<typeof sbomOf>>> {
  const lock = await readLock();
  const { version } = await readJson<{ version: string }>('package.json');
  const { named } = await readJson<{ named: Record<string, string> }>('scripts/supply-chain/licences.json');
  const { packages } = await readJson<{ packages: string[] }>('dist/portal/metafile.json');
  const ofServer = Object.entries(lock).filter(([, { dev, optional }]) => dev !== true && optional !== true);
  const ofPortal = packages.map((place) => [place, lock[place] ?? {}] as const);
  return {
    server: sbomOf('portico-server', version, Object.fromEntries(ofServer), named),
    portal: sbomOf('portico-portal', version, Object.fromEntries(ofPortal), named),
  };
}

if (import.meta.main) {
  const folder = join(root, 'dist/sbom');
  await mkdir(folder, { recursive: true });
  for (const [part, sbom] of Object.entries(await sbomsOfImage()))
    await writeFile(join(folder, `${part}.cdx.json`), `${JSON.stringify(sbom, null, 1)}\n`);
}
