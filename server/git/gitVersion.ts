/** Whether the git of this machine is new enough for what Idiom asks of it. */

import { tmpdir } from 'node:os';
import { IdiomError } from '../base/errors.ts';
import { findGit, runGit } from './runGit.ts';

/** `rev-parse --end-of-options` and `diff-tree --no-relative` came with it; Debian 11 has it. */
const minVersion = [2, 30] as const;

const maxVersionChars = 200;

const known = new Map<string, Promise<string>>();

/**
 * Version of git such as `2.39.5`, asked once for each program.
 * @throws IdiomError `gitFailed` when there is no git or it is too old.
 */
export function gitVersion(): Promise<string> {
  const program = findGit();
  let version = known.get(program);
  if (version === undefined) {
    version = askVersion(program);
    known.set(program, version);
    // Another git may be installed while the daemon runs.
    version.catch(() => known.delete(program));
  }
  return version;
}

async function askVersion(program: string): Promise<string> {
  const text = (await runGit(['version'], { cwd: tmpdir(), timeLimitMs: 20_000 })).toString();
  const [, version = '0', major = '0', minor = '0'] =
    /((\d+)\.(\d+)[\w.]*)/.exec(text.slice(0, maxVersionChars)) ?? [];
  if (Number(major) > minVersion[0] || (Number(major) === minVersion[0] && Number(minor) >= minVersion[1]))
    return version;
  throw new IdiomError(
    'gitFailed',
    `${program} is git ${version}, and Idiom needs ${minVersion.join('.')} or newer.`,
    {
      remedy: 'Install a newer git, or put one earlier on PATH.',
    },
  );
}
