/** Leaves out texts that are nearly the same as an earlier one, by the lines they share. Pure. */

/** Hash functions of a signature, in `nBands` bands of four: pairs above a resemblance of about (1/16)^(1/4) = 0.5 meet. */
const nHashes = 64;
const nBands = 16;
const nRows = nHashes / nBands;
/** Lines shorter than this, such as closing brackets, are the same everywhere. */
const minLineChars = 4;

/**
 * Keeps of each group of near-duplicates the first. MinHash signatures (Broder: On the resemblance and containment of
 * documents, 1997) find the pairs to compare, banded as in Leskovec, Rajaraman, Ullman: Mining of Massive Datasets,
 * section 3.4; each pair is then compared exactly.
 * @param minShare Jaccard similarity of the sets of lines from which on two texts are one.
 */
export function withoutNearDuplicates<T>(
  items: readonly T[],
  textOf: (item: T) => string,
  minShare: number,
): T[] {
  const buckets = new Map<string, number[]>();
  const kept: { item: T; lines: ReadonlySet<number> }[] = [];
  for (const item of items) {
    const lines = lineHashes(textOf(item));
    const keys = bandKeys(lines);
    const rivals = new Set(keys.flatMap((key) => buckets.get(key) ?? []));
    if (
      [...rivals].some((at) => jaccard(lines, (kept[at] as { lines: ReadonlySet<number> }).lines) >= minShare)
    )
      continue;
    for (const key of keys) {
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [kept.length]);
      else bucket.push(kept.length);
    }
    kept.push({ item, lines });
  }
  return kept.map((each) => each.item);
}

export function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let nShared = 0;
  for (const each of a) if (b.has(each)) nShared++;
  const nAll = a.size + b.size - nShared;
  return nAll === 0 ? 1 : nShared / nAll;
}

/** Hashes of the distinct lines, without regard to white space. */
export function lineHashes(text: string): Set<number> {
  const hashes = new Set<number>();
  for (const line of text.split('\n')) {
    const normal = normaliseLine(line);
    if (normal.length >= minLineChars) hashes.add(hashOf(normal));
  }
  return hashes;
}

/** One blank for any white space, none at the ends. */
export function normaliseLine(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

/** FNV-1a, 32 bits, over UTF-16 units: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function bandKeys(lines: ReadonlySet<number>): string[] {
  const signature = new Uint32Array(nHashes).fill(0xffffffff);
  for (const line of lines) {
    for (let i = 0; i < nHashes; i++) {
      const hash = mix(line, i);
      if (hash < (signature[i] as number)) signature[i] = hash;
    }
  }
  return Array.from({ length: nBands }, (_, band) => {
    return `${band}:${signature.slice(band * nRows, (band + 1) * nRows).join(',')}`;
  });
}

/** The i-th of a family of hash functions: the finisher of MurmurHash3 over a shifted seed (public domain, A. Appleby). */
function mix(value: number, i: number): number {
  let z = (value + Math.imul(i + 1, 0x9e3779b9)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}
