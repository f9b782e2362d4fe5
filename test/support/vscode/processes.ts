/** Which processes belong to a run folder, told by their environment; Linux only, as the tests of the real editor are. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Arguments, joined by blanks. */
  readonly command: string;
}

/** Every live process that was started with this IDIOM_HOME, ourselves excluded. */
export function processesOf(idiomHome: string): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => readProcess(Number(name), `IDIOM_HOME=${idiomHome}`));
}

/** Ends all of them at once, however they were started. */
export function killAllOf(idiomHome: string): void {
  for (const { pid } of processesOf(idiomHome)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in the meantime.
    }
  }
}

/** Paths of the files that a process has open or mapped into memory, and of its working folder; sorted, each once. */
export function filesOf(pid: number): string[] {
  const mapped = readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => /\s(\/.*)$/.exec(line)?.[1] ?? []);
  const open = readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return [];
    }
  });
  const paths = [...mapped, ...open, readlinkSync(`/proc/${pid}/cwd`)];
  return [...new Set(paths.filter((path) => path.startsWith('/')))].sort();
}

function readProcess(pid: number, variable: string): RunningProcess[] {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!environment.includes(variable)) return [];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    // "pid (name) state parent ...": the name may hold blanks and brackets, so count from its last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? [] : [{ pid, parentPid: Number(parent), command }];
  } catch {
    return [];
  }
}
