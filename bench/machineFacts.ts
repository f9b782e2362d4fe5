/** On what machine, when and with what code a benchmark ran. */

import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

export interface MachineFacts {
  readonly cpu: string;
  readonly nCores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  /** ISO 8601. */
  readonly date: string;
  /** Abbreviated; with a plus when the working tree had changes. */
  readonly commit: string;
  /** Load of the last minute before the benchmark; above 0.5 others were computing too. 0 on Windows. */
  readonly loadBefore: number;
}

export function machineFacts(root: string): MachineFacts {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    nCores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()}-${arch()}`,
    node: process.version,
    date: new Date().toISOString(),
    commit: commitOf(root),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function commitOf(root: string): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const hasChanges = git('status', '--porcelain', '--untracked-files=no').trim() !== '';
    return git('rev-parse', '--short=12', 'HEAD').trim() + (hasChanges ? '+' : '');
  } catch {
    return 'unknown';
  }
}
