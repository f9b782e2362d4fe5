// `npm run package`: installs what is missing, then makes the .vsix for this platform.

import { join } from 'node:path';
import { root, runUnder, setUp } from './setUp.mjs';

runUnder(setUp(), [join(root, 'scripts', 'packageVsix.ts')]);
