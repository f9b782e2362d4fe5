/** Tells when a repository's HEAD moves to another place: checkout, reset, merge, pull, rebase. A plain commit is no move. */

import { watch } from 'node:fs';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';

/** Files in the git folder that those commands write and a plain commit does not (gitrepository-layout(5)). */
const moving: ReadonlySet<string | null> = new Set(['HEAD', 'ORIG_HEAD']);

/** Watches until disposed. Where the system can't watch, nothing is told. */
export function watchHead(gitDir: string, onMove: () => void): Disposable {
  try {
    const watcher = watch(gitDir, { persistent: false }, (_event, name) => {
      if (moving.has(name)) onMove();
    });
    watcher.on('error', () => watcher.close());
    return toDisposable(() => watcher.close());
  } catch {
    return toDisposable(() => undefined);
  }
}
