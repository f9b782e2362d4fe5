// `npm run bench [-- NAME ...]`: sets up what is missing and runs the benchmarks of bench/; `-- --list` names them.

import { join } from 'node:path';
import { root, runUnder, setUp } from './setUp.mjs';

runUnder(setUp(), [join(root, 'bench', 'main.ts'), ...process.argv.slice(2)]);
