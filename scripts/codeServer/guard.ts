/**
 * Runs a Node script in this process's group and ends the group when standard input ends, so that nothing stays
 * behind when the process that started it is killed. Not for scripts that read standard input.
 */

import { spawn } from 'node:child_process';

const graceMs = 3_000;

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['ignore', 'inherit', 'inherit'] });
let isEnding = false;

function endGroup(): void {
  if (isEnding) return;
  isEnding = true;
  process.kill(-process.pid, 'SIGTERM');
  setTimeout(() => process.kill(-process.pid, 'SIGKILL'), graceMs);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endGroup);
process.stdin.on('end', endGroup).on('error', endGroup).resume();
child.on('error', endGroup);
child.on('exit', () => process.kill(-process.pid, 'SIGKILL'));
