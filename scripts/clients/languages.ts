/** All languages with a client. The documentation lists the level of each. */

import { generatedOnly } from './generated-only.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { kotlin } from './kotlin.ts';
import type { Language } from './language.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import { ruby } from './ruby.ts';
import { rust } from './rust.ts';
import { openapiFetch, typescript } from './typescript.ts';

export const languages: readonly Language[] = [
  ...[typescript, openapiFetch, python, go, java, rust, php, ruby, kotlin],
  ...generatedOnly,
];
