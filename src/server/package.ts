/** What package.json says: where the project is, and its version. */
import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';

const packageFile = findPackageJSON(import.meta.url);
if (packageFile === undefined) throw new Error('package.json is missing');

/** The project's folder; the same from the sources and from a build. */
export const root = dirname(packageFile);

/** The version of this server. */
export const version: string = JSON.parse(readFileSync(packageFile, 'utf8')).version;
