import { findPackageJSON } from 'node:module';
import { dirname } from 'node:path';

const packageFile = findPackageJSON(import.meta.url);
if (packageFile === undefined) throw new Error('package.json is missing');

/** The project's folder, from the sources and from a build of them alike. */
export const root = dirname(packageFile);
