/** Values by name in one small file of derived state, shared with later processes. */

import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from './writeFile.ts';

export interface DerivedRecord<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): void;
}

const maxNames = 100;

/**
 * A file that can't be read, or is none of ours, counts as empty; what can't be written is known to this process alone.
 * The names that were set last are kept.
 * @param path undefined: nothing is kept beyond this process.
 */
export function createDerivedRecord<T>(path: string | undefined, schema: z.ZodType<T>): DerivedRecord<T> {
  const fileSchema = z.record(z.string(), schema);
  let values: Record<string, T> | undefined;
  function read(): Record<string, T> | undefined {
    if (path === undefined) return undefined;
    try {
      return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    } catch {
      return undefined;
    }
  }
  return {
    get: (name) => (values ??= read() ?? {})[name],
    set(name, value) {
      // Another process may have written meanwhile; the oldest stand first.
      const { [name]: _before, ...others } = read() ?? values ?? {};
      values = { ...Object.fromEntries(Object.entries(others).slice(1 - maxNames)), [name]: value };
      if (path === undefined) return;
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileAtomic(path, JSON.stringify(values));
      } catch {
        // See above.
      }
    },
  };
}
