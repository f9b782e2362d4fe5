/** A file that names the process which wrote it, and tells later whether that very process still lives. */

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { plainEnvironment } from './findProgram.ts';
import { writeFileAtomic } from './writeFile.ts';

/** Names the present process in `path`. @throws as writeFileAtomic. */
export function writeProcessFile(path: string): void {
  writeFileAtomic(path, JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }));
}

/**
 * Id of the process that wrote the file, or undefined when it has ended, or its id was given to another process since.
 * Where the system does not tell when a process started, none is taken for the one that wrote the file.
 */
export function readProcessFile(path: string): number | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8')) as { pid: unknown; startedAt: unknown };
    if (!Number.isInteger(pid) || typeof startedAt !== 'string') return undefined;
    return startOf(Number(pid)) === startedAt ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

export function removeProcessFile(path: string): void {
  rmSync(path, { force: true });
}

/** When a process started, in the system's own words: equal for the same process, and for no other of its id. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return startOnLinux(pid);
    const [program, ...args] =
      process.platform === 'win32'
        ? [powershell(), '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]
        : ['/bin/ps', '-o', 'lstart=', '-p', String(pid)];
    const text = execFileSync(program, args, { cwd: dirname(program), env: plainEnvironment() });
    return text.toString().trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Field 22 in ticks since the boot; the name in field 2 may hold blanks and brackets: proc_pid_stat(5). */
function startOnLinux(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; only its parent has not looked yet.
  if (fields[0] === 'Z') return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return `${boot} ${fields[19] ?? ''}`;
}

function powershell(): string {
  const root = process.env['SystemRoot'] ?? 'C:\\Windows';
  return join(root, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}
