/** All kinds of secrets, planted: in files, and in the lines of a diff. */

import { keyKinds } from './keys.ts';
import { plantOf } from './plant.ts';
import type { Plant } from './plant.ts';
import { serviceKinds } from './services.ts';
import { settingKinds, switchKinds } from './settings.ts';

/** One of each kind. Equal seeds make equal secrets. */
export function plantAll(seed: number): Plant[] {
  const groups = [
    ['service', serviceKinds],
    ['service', switchKinds],
    ['key', keyKinds],
    ['other', settingKinds],
  ] as const;
  return groups.flatMap(([group, kinds], i) =>
    kinds.map((kind, k) => plantOf(kind, group, seed * 7919 + i * 1009 + k)),
  );
}

/** The same as lines that a commit added or took away. */
export function asDiff(plant: Plant, sign: '+' | '-'): Plant {
  const dress = (text: string) => text.split('\n').join(`\n${sign}`);
  return {
    ...plant,
    text: `@@ -1,3 +1,3 @@\n context\n${sign}${dress(plant.text)}\n`,
    secret: dress(plant.secret),
  };
}
