/** Reads which lines a unified diff without context adds, and where, as the diff comes; its memory is bounded by file. */

export interface AddedBlock {
  /** 1-based number of the first added line in the new file. */
  readonly startLine: number;
  readonly lines: readonly string[];
}

export interface AddedFile {
  /** Path in the new tree. */
  readonly path: string;
  readonly blocks: readonly AddedBlock[];
}

export interface DiffLimits {
  /** A file with more added text is told as too large. */
  readonly maxFileChars: number;
  /** More added text in all files together ends reading. */
  readonly maxChars: number;
}

const plus = '+'.charCodeAt(0);
const minus = '-'.charCodeAt(0);

interface FileBeingRead {
  readonly path: string;
  readonly blocks: { startLine: number; lines: string[] }[];
  nChars: number;
}

/** The diff as printed by `git diff-tree -p --unified=0 --no-renames`. Binary files, links, submodules and deletions yield nothing. */
export class DiffReader {
  readonly #limits: DiffLimits;
  readonly #files: FileBeingRead[] = [];
  readonly #tooLarge: string[] = [];
  #mode = '';
  #file: FileBeingRead | undefined;
  #nLeft = 0;
  /** The beginning of a line whose end has not come. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  #nChars = 0;

  constructor(limits: DiffLimits) {
    this.#limits = limits;
  }

  /** Files with at least one added line, in the order of the diff. */
  get files(): AddedFile[] {
    return this.#files.filter((file) => file.blocks.length > 0).map(({ path, blocks }) => ({ path, blocks }));
  }

  /** Paths of files that have more added text than one file may. */
  get tooLarge(): readonly string[] {
    return this.#tooLarge;
  }

  /** Whether the diff as a whole has more added text than it may; nothing more need be read then. */
  get isFull(): boolean {
    return this.#nChars > this.#limits.maxChars;
  }

  push(chunk: Buffer): void {
    const end = chunk.lastIndexOf(10) + 1;
    if (end > 0) {
      const text = Buffer.concat([...this.#rest, chunk.subarray(0, end - 1)]).toString();
      this.#rest = [];
      this.#restBytes = 0;
      for (const line of text.split('\n')) this.#line(line);
    }
    if (end === chunk.length) return;
    this.#restBytes += chunk.length - end;
    // Of a line that is too long its beginning is enough to see what kind of line it is.
    const isText = this.#nLeft > 0 || this.#rest[0]?.[0] === minus;
    if (this.#rest.length === 0 || !isText || this.#restBytes <= this.#limits.maxFileChars)
      this.#rest.push(chunk.subarray(end));
    else if (this.#rest[0]?.[0] === plus) this.#leaveOut();
  }

  #line(line: string): void {
    if (this.#nLeft > 0 && line.startsWith('+')) {
      this.#nLeft--;
      this.#add(line.slice(1));
      return;
    }
    if (this.#nLeft > 0) return;
    if (line.startsWith('diff --git ')) {
      this.#mode = '';
      this.#file = undefined;
      return;
    }
    const mode = /^(?:new file mode|new mode|index [0-9a-f]+\.\.[0-9a-f]+) (\d{6})$/.exec(line)?.[1];
    if (mode !== undefined) this.#mode = mode;
    else if (line.startsWith('+++ ')) this.#begin(unquote(line.slice(4)));
    else this.#hunk(line);
  }

  #begin(path: string | undefined): void {
    this.#file = undefined;
    if (path === undefined || (this.#mode !== '' && !this.#mode.startsWith('100'))) return;
    this.#file = { path, blocks: [], nChars: 0 };
    this.#files.push(this.#file);
  }

  #hunk(line: string): void {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null) return;
    this.#nLeft = hunk[2] === undefined ? 1 : Number(hunk[2]);
    if (this.#nLeft > 0) this.#file?.blocks.push({ startLine: Number(hunk[1]), lines: [] });
  }

  #add(line: string): void {
    if (this.#file === undefined) return;
    this.#file.nChars += line.length;
    this.#nChars += line.length;
    if (this.#file.nChars > this.#limits.maxFileChars) this.#leaveOut();
    else this.#file.blocks.at(-1)?.lines.push(line.replace(/\r$/, ''));
  }

  #leaveOut(): void {
    if (this.#file === undefined) return;
    this.#nChars -= this.#file.nChars;
    this.#tooLarge.push(this.#file.path);
    this.#files.splice(this.#files.indexOf(this.#file), 1);
    this.#file = undefined;
  }
}

/** `b/path`, or the same in quotes with C escapes as git prints names with control characters; /dev/null is none. */
function unquote(name: string): string | undefined {
  const text = name.replace(/\t$/, '');
  if (text === '/dev/null') return undefined;
  if (!text.startsWith('"')) return text.slice(2);
  const bytes: number[] = [];
  const escapes: Record<string, number> = { n: 10, t: 9, r: 13, '"': 34, '\\': 92, a: 7, b: 8, f: 12, v: 11 };
  for (let i = 1; i < text.length - 1; i++) {
    if (text[i] !== '\\') {
      bytes.push(...Buffer.from(text[i] ?? ''));
      continue;
    }
    const octal = /^[0-7]{3}/.exec(text.slice(i + 1));
    bytes.push(octal === null ? (escapes[text[i + 1] ?? ''] ?? 63) : parseInt(octal[0], 8));
    i += octal === null ? 1 : 3;
  }
  return Buffer.from(bytes).toString().slice(2);
}
