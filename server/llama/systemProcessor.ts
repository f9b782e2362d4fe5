/** Reads how much of the processor this process used and how much nobody wanted; decides nothing. */

import { cpus } from 'node:os';
import type { ProcessorProbe } from './threadGovernor.ts';

/** Idle time comes in steps of 10 ms on Linux and Windows. */
export const systemProcessor: ProcessorProbe = {
  nowMs: () => performance.now(),
  ownMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  idleMs() {
    const cores = cpus();
    return cores.length === 0 ? undefined : cores.reduce((sum, { times }) => sum + times.idle, 0);
  },
};
