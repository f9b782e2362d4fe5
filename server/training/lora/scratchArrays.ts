/** Arrays by name that are used over and over, so that a run allocates nothing large. */

export class ScratchArrays {
  readonly #arrays = new Map<string, Float32Array>();

  /** An array of this length, with whatever it held before; it grows as needed and is never cleared. */
  get(name: string, length: number): Float32Array {
    const known = this.#arrays.get(name);
    if (known !== undefined && known.length >= length) return known.subarray(0, length);
    const made = new Float32Array(length);
    this.#arrays.set(name, made);
    return made;
  }
}
