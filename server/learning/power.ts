/** Whether the machine runs on mains or on its battery, as far as the operating system tells. Where nothing is known: mains. */

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { plainEnvironment } from '../base/findProgram.ts';

export type PowerSource = 'mains' | 'battery';

export interface PowerReader {
  readonly platform: NodeJS.Platform;
  /** Names in a folder; throws when it is not there. */
  list(folder: string): Promise<readonly string[]>;
  read(path: string): Promise<string>;
  /** Standard output of a program, which is named by its whole path. */
  run(program: string, args: readonly string[]): Promise<string>;
}

export const systemPower: PowerReader = {
  platform: process.platform,
  list: (folder) => readdir(folder),
  read: (path) => readFile(path, 'utf8'),
  run: (program, args) =>
    new Promise((resolve, reject) => {
      const options = { timeout: 5000, windowsHide: true, cwd: dirname(program), env: plainEnvironment() };
      execFile(program, [...args], options, (error, stdout) =>
        error instanceof Error ? reject(error) : resolve(stdout),
      );
    }),
};

/** Never rejects. */
export async function readPower(reader: PowerReader): Promise<PowerSource> {
  try {
    if (reader.platform === 'linux') return await readLinux(reader);
    if (reader.platform === 'darwin') return await readMac(reader);
  } catch {
    // A machine without these files or programs is taken for one on mains.
  }
  return 'mains';
}

const supplies = '/sys/class/power_supply';

/**
 * On battery: no mains supply says that it is on line, and a battery of the machine itself is being drained.
 * A mouse's battery has scope "Device". Source: https://docs.kernel.org/admin-guide/abi-testing-files.html (sysfs-class-power).
 */
async function readLinux(reader: PowerReader): Promise<PowerSource> {
  let isDraining = false;
  for (const name of await reader.list(supplies)) {
    const file = (property: string) =>
      reader.read(join(supplies, name, property)).then(
        (text) => text.trim(),
        () => '',
      );
    const type = await file('type');
    if (type === 'Battery') {
      const isOwn = (await file('scope')) !== 'Device';
      if (isOwn && (await file('status')) === 'Discharging') isDraining = true;
    } else if ((await file('online')) === '1') return 'mains';
  }
  return isDraining ? 'battery' : 'mains';
}

/** The first line says "Now drawing from 'AC Power'" or 'Battery Power'. Source: the manual page pmset(1). */
async function readMac(reader: PowerReader): Promise<PowerSource> {
  const text = await reader.run('/usr/bin/pmset', ['-g', 'batt']);
  return /drawing from 'Battery Power'/.test(text) ? 'battery' : 'mains';
}
