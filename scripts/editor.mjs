// `npm run editor -- DIR` opens a real VS Code with Idiom on a folder. The work is in codeServer/openEditor.ts.

import { join } from 'node:path';
import { root, runUnder, setUp } from './setUp.mjs';

runUnder(setUp(), [join(root, 'scripts', 'codeServer', 'openEditor.ts'), ...process.argv.slice(2)]);
