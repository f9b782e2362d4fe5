/** Where Idiom keeps its files on this machine; it makes no folder. */

import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

export interface HomeFolders {
  /** Ground state: losing it loses what was learned. */
  readonly data: string;
  /** Derived state: deleting it loses nothing but time. */
  readonly cache: string;
  readonly models: string;
  readonly logs: string;
}

/** The platform's own folders for an application named idiom, or all of them below `IDIOM_HOME`. */
export function homeFolders(env: Readonly<Record<string, string | undefined>>): HomeFolders {
  const named = env['IDIOM_HOME'];
  if (named !== undefined && named !== '') {
    const home = resolve(named);
    return { data: home, cache: join(home, 'cache'), models: join(home, 'models'), logs: join(home, 'logs') };
  }
  const paths = envPaths('idiom', { suffix: '' });
  return { data: paths.data, cache: paths.cache, models: join(paths.cache, 'models'), logs: paths.log };
}
