/** Which of many planted secrets stand in a large text: each place of the text is looked at once. */

import type { Plant } from './plant.ts';
import { tellingParts } from './plant.ts';

export function secretsLeft(plants: readonly Plant[], text: string): Plant[] {
  const byWidth = new Map<number, Map<string, Plant>>();
  for (const plant of plants) {
    for (const part of tellingParts(plant.secret)) {
      const known = byWidth.get(part.length) ?? new Map<string, Plant>();
      byWidth.set(part.length, known.set(part, plant));
    }
  }
  const left = new Set<Plant>();
  for (const [width, parts] of byWidth) {
    for (let i = 0; i + width <= text.length; i++) {
      const plant = parts.get(text.slice(i, i + width));
      if (plant !== undefined) left.add(plant);
    }
  }
  return [...left];
}

/** All texts in a value, as they were before they became JSON. */
export function textsIn(value: unknown): string {
  const texts: string[] = [];
  const visit = (each: unknown): void => {
    if (typeof each === 'string') texts.push(each);
    else if (typeof each === 'object' && each !== null) Object.values(each).forEach(visit);
  };
  visit(value);
  return texts.join('\n\0\n');
}
