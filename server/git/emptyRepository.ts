/**
 * A repository of our own with nothing in it: history is read from there, with the objects of the real one borrowed,
 * so that git never sees the real one's configuration, replacements or promises of objects elsewhere.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type ObjectFormat = 'sha1' | 'sha256';

const made = new Map<ObjectFormat, string>();

/** Its folder, for this process alone and gone with it; made again when somebody tidied it away. Layout: gitrepository-layout(5). */
export function emptyRepository(format: ObjectFormat): string {
  const known = made.get(format);
  if (known !== undefined && existsSync(join(known, 'HEAD'))) return known;
  const folder = mkdtempSync(join(tmpdir(), 'idiom-git-'));
  mkdirSync(join(folder, 'refs'));
  writeFileSync(join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  const version = format === 'sha1' ? 0 : 1;
  const extension = format === 'sha1' ? '' : `[extensions]\n\tobjectFormat = ${format}\n`;
  writeFileSync(join(folder, 'config'), `[core]\n\trepositoryFormatVersion = ${version}\n${extension}`);
  made.set(format, folder);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
