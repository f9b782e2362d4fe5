/** One cursor with the text that a developer really wrote there; what is made of it is left to evaluation and training. */

export interface CursorCase {
  /** Stable: commit, path and position. */
  readonly id: string;
  readonly commit: string;
  /** What the repository was before; undefined for its first commit. */
  readonly parent: string | undefined;
  readonly path: string;
  /** 1-based line of the cursor in the file as the commit left it. */
  readonly line: number;
  readonly prefix: string;
  readonly suffix: string;
  /** What was really written from the cursor to the end of the line. */
  readonly middle: string;
}
