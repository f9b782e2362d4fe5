/** What a person has switched off by command, as the daemon tells it; other editors obey the same. */

import { relative, isAbsolute } from 'node:path';
import type { SwitchesParams } from '../protocol/messages.ts';

let current: SwitchesParams['off'] = [];

export function setSwitchedOff(off: SwitchesParams['off']): void {
  current = off;
}

/** Whether it is off for the repository that a file or folder lies in. */
export function isSwitchedOff(path: string, what: 'suggestions' | 'learning'): boolean {
  return current.some((each) => each.what === what && isBelow(each.root, path));
}

function isBelow(root: string, path: string): boolean {
  const rest = relative(root, path);
  return rest === '' || (!rest.startsWith('..') && !isAbsolute(rest));
}
