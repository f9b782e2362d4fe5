/** Keeps one file from crowding out the others. Pure. */

/** The items in their order, of each path at most `share` of all and never fewer than `min`. */
export function limitByPath<T>(
  items: readonly T[],
  pathOf: (item: T) => string,
  { share, min }: { readonly share: number; readonly min: number },
): T[] {
  const max = Math.max(min, Math.floor(items.length * share));
  const counts = new Map<string, number>();
  return items.filter((item) => {
    const count = (counts.get(pathOf(item)) ?? 0) + 1;
    counts.set(pathOf(item), count);
    return count <= max;
  });
}
