/** Reads from a JSON-RPC message what it is and which document it is about, byte by byte, and keeps nothing else of it. */

/** Values that are longer are no names. */
const maxValueBytes = 4096;
/** What is looked for lies no deeper: `params.textDocument.uri`. */
const maxDepth = 3;

const wanted: ReadonlyMap<string, keyof Outline> = new Map([
  ['method', 'method'],
  ['id', 'id'],
  ['params.textDocument.uri', 'uri'],
]);

export interface Outline {
  readonly method?: string;
  readonly id?: string | number;
  readonly uri?: string;
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

/** JSON as https://www.rfc-editor.org/rfc/rfc8259 has it; of other bytes nothing is found. */
export class MessageOutline {
  readonly #found: { -readonly [Key in keyof Outline]: Outline[Key] } = {};
  /** Keys of the objects that are open, as far as they matter; the last is that of the value being read. */
  readonly #keys: string[] = [];
  #depth = 0;
  #nArrays = 0;
  #isInString = false;
  #isEscaped = false;
  #isKey = true;
  /** Bytes of the string or number being read; undefined where it is of no interest. */
  #value: number[] | undefined;

  get outline(): Outline {
    return this.#found;
  }

  read(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#isInString) this.#readString(byte);
      else this.#readOther(byte);
    }
  }

  #readString(byte: number): void {
    if (byte === quote && !this.#isEscaped) {
      this.#isInString = false;
      this.#endValue(true);
      return;
    }
    this.#isEscaped = byte === backslash && !this.#isEscaped;
    this.#keep(byte);
  }

  #readOther(byte: number): void {
    switch (byte) {
      case quote:
        this.#isInString = true;
        this.#isEscaped = false;
        this.#value = this.#isOfInterest() ? [] : undefined;
        return;
      case openBrace:
        this.#depth++;
        this.#isKey = true;
        return;
      case closeBrace:
        this.#endValue(false);
        this.#depth--;
        this.#keys.length = Math.min(this.#keys.length, Math.max(0, this.#depth));
        return;
      case openBracket:
        this.#nArrays++;
        return;
      case closeBracket:
        this.#nArrays--;
        this.#value = undefined;
        return;
      case colon:
        this.#isKey = false;
        this.#value = this.#isOfInterest() ? [] : undefined;
        return;
      case comma:
        this.#endValue(false);
        this.#isKey = this.#nArrays === 0;
        return;
      default:
        if (byte > 0x20) this.#keep(byte);
    }
  }

  #isOfInterest(): boolean {
    return this.#nArrays === 0 && this.#depth <= maxDepth;
  }

  #keep(byte: number): void {
    if (this.#value === undefined) return;
    if (this.#value.length < maxValueBytes) this.#value.push(byte);
    else this.#value = undefined;
  }

  #endValue(isString: boolean): void {
    const value = this.#value;
    this.#value = undefined;
    if (value === undefined || (value.length === 0 && !isString)) return;
    const text = Buffer.from(value).toString();
    if (isString && this.#isKey) {
      this.#keys.length = this.#depth - 1;
      this.#keys.push(text);
      return;
    }
    const name = this.#keys.length === this.#depth ? wanted.get(this.#keys.join('.')) : undefined;
    if (name === undefined) return;
    try {
      const parsed: unknown = JSON.parse(isString ? `"${text}"` : text);
      if (typeof parsed === 'string' || (name === 'id' && typeof parsed === 'number'))
        Object.assign(this.#found, { [name]: parsed });
    } catch {
      // Then it is not known.
    }
  }
}
