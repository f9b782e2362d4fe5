/** A number for a name, so that an index of names takes a third of the room; two names may share one. */

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;

/** FNV-1a of the UTF-16 code units, 32 bits, signed: https://datatracker.ietf.org/doc/draft-eastlake-fnv/, section 2. */
export function nameKey(name: string): number {
  let hash = offsetBasis;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), prime);
  return hash | 0;
}
