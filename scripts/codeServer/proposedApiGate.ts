/**
 * Puts VS Code's check of proposed APIs back into code-server, which lets every extension use all of them.
 * With it an extension that stock VS Code would refuse is refused in our tests too.
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IdiomError } from '../../server/base/errors.ts';

const bundles = [
  'workbench/api/node/extensionHostProcess.js',
  'workbench/api/worker/extensionHostWorkerMain.js',
  'code/browser/workbench/workbench.js',
];
const mark = '/* gate restored */';

/**
 * Changes the bundles under `packageFolder` in place; a second call changes nothing.
 * @throws IdiomError `internal` when the Node extension host, in which our extension runs, has no gate that we know.
 */
export function restoreProposedApiGate(packageFolder: string): void {
  for (const bundle of bundles) {
    const path = join(packageFolder, 'lib', 'vscode', 'out', 'vs', bundle);
    if (!existsSync(path)) continue;
    const source = readFileSync(path, 'utf8');
    if (source.includes(mark)) continue;
    const gated = gateSource(source);
    if (gated !== undefined) {
      writeFileSync(`${path}.tmp`, gated);
      renameSync(`${path}.tmp`, path);
    } else if (bundle === bundles[0]) {
      throw new IdiomError('internal', `The check of proposed APIs was not found in ${path}.`, {
        remedy: 'Use the code-server version that the project names.',
      });
    }
  }
}

/**
 * The bundle with its gate restored, or undefined when it has none. In the minified text one function throws
 * "CANNOT use API proposal" unless a second one says yes, and code-server made that second one say yes always.
 */
export function gateSource(source: string): string | undefined {
  const complaint = source.indexOf('CANNOT use API proposal');
  if (complaint < 0) return undefined;
  const before = source.slice(Math.max(0, complaint - 300), complaint);
  const called = [...before.matchAll(/if\s*\(!([\w$]+)\(([\w$]+),\s*([\w$]+)\)\)/g)].at(-1)?.[1];
  if (called === undefined) return undefined;
  const always = new RegExp(
    `function ${called.replaceAll('$', '\\$')}\\(([\\w$]+),\\s*([\\w$]+)\\)\\s*\\{\\s*return\\s*(?:!0|true);?\\s*\\}`,
  );
  const found = always.exec(source);
  if (found === null) return undefined;
  const [text, extension, proposal] = found;
  const body = `${mark}return !!${extension}.enabledApiProposals?.includes(${proposal});`;
  return (
    source.slice(0, found.index) +
    `function ${called}(${extension},${proposal}){${body}}` +
    source.slice(found.index + text.length)
  );
}
