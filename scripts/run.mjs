// Runs a TypeScript file, or `--test` with patterns, under the project's own Node 24: `node scripts/run.mjs FILE ...`.

import { runUnder, setUp } from './setUp.mjs';

runUnder(setUp(), process.argv.slice(2));
