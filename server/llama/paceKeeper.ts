/** Keeps the measured pace of the loaded model, and remembers it in a file of derived state across restarts. */

import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { PaceMeter } from './enginePace.ts';
import type { EnginePace, PaceSample } from './enginePace.ts';

const fileSchema = z.record(
  z.string(),
  z.object({ prefillPerSecond: z.number().positive(), decodePerSecond: z.number().positive() }),
);
/** Models that were used last. */
const maxKept = 8;
const writeAfterMs = 20_000;

export class PaceKeeper implements Disposable {
  readonly #clock: Clock;
  readonly #path: string | undefined;
  #meter = new PaceMeter(undefined);
  #key: string | undefined;
  #timer: Disposable | undefined;

  /** @param path undefined: nothing is remembered. */
  constructor(clock: Clock, path: string | undefined) {
    this.#clock = clock;
    this.#path = path;
  }

  get pace(): EnginePace | undefined {
    return this.#meter.pace;
  }

  /** A model was loaded. @param key names it and the device that computes. */
  async use(key: string): Promise<void> {
    if (key === this.#key) return;
    this.#key = key;
    this.#meter = new PaceMeter(this.#path === undefined ? undefined : (await readAll(this.#path))[key]);
  }

  note(sample: PaceSample): void {
    if (!this.#meter.note(sample) || this.#path === undefined) return;
    this.#timer ??= this.#clock.setTimer(writeAfterMs, () => {
      this.#timer = undefined;
      void this.write();
    });
  }

  /** Never rejects: what can't be written is measured again. */
  async write(): Promise<void> {
    const pace = this.pace;
    const [path, key] = [this.#path, this.#key];
    if (path === undefined || key === undefined || pace === undefined) return;
    try {
      const { [key]: _before, ...others } = await readAll(path);
      const kept = [...Object.entries(others), [key, pace] as const].slice(-maxKept);
      const partial = `${path}.${process.pid}.partial`;
      await writeFile(partial, JSON.stringify(Object.fromEntries(kept)), { mode: 0o600 });
      await rename(partial, path);
    } catch {
      // See above.
    }
  }

  dispose(): void {
    this.#timer?.dispose();
  }
}

async function readAll(path: string): Promise<Record<string, EnginePace>> {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}
