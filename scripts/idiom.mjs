#!/usr/bin/env node
// The command `idiom` in a checkout; the packaged one is dist/idiom.mjs.

import { join } from 'node:path';
import { root, runUnder, setUp } from './setUp.mjs';

runUnder(setUp(), [join(root, 'server', 'main.ts'), ...process.argv.slice(2)]);
