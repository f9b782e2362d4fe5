/** Texts as they are in editors now, saved or not, and which files were opened or edited last. They hide what the index has. */

import type { LineRange } from './chunk.ts';
import { readText } from './readContent.ts';
import type { ChunkFacts } from './readContent.ts';

export interface OpenText {
  readonly path: string;
  readonly lines: readonly string[];
  readonly chunks: readonly ChunkFacts[];
}

export interface OpenTexts {
  /** A document was opened or changed; `text` as it is now. */
  set(path: string, text: string): void;
  /** The document is closed; the index counts again. */
  close(path: string): void;
  /** A document was edited or looked at: it is the most recent one now. */
  touch(path: string): void;
  get(path: string): OpenText | undefined;
  all(): readonly OpenText[];
  /** Most recently touched first, closed ones too. */
  recentPaths(): readonly string[];
}

const maxRecent = 20;
const maxOpen = 30;
/** Larger texts are left to the index; they are data, or their chunks would take longer than a query may. */
const maxTextChars = 300_000;

export function createOpenTexts(): OpenTexts {
  const open = new Map<string, { text: string; cut: OpenText | undefined }>();
  let recent: string[] = [];
  function cut(path: string): OpenText | undefined {
    const found = open.get(path);
    if (found === undefined || found.text.length > maxTextChars) return undefined;
    return (found.cut ??= cutText(path, found.text));
  }
  return {
    set(path, text) {
      if (open.get(path)?.text === text) return;
      open.delete(path);
      open.set(path, { text, cut: undefined });
      if (open.size > maxOpen) open.delete(open.keys().next().value as string);
    },
    close: (path) => void open.delete(path),
    touch(path) {
      recent = [path, ...recent.filter((other) => other !== path)].slice(0, maxRecent);
    },
    get: cut,
    all: () => [...open.keys()].map(cut).filter((text) => text !== undefined),
    recentPaths: () => recent,
  };
}

/** Cuts by lines: quick, and good enough for a text that changes with every keystroke. */
export function cutText(path: string, text: string): OpenText {
  return { path, lines: text.split(/\r\n|\n|\r/), chunks: readText(path, text, undefined).chunks };
}

export function overlaps(a: LineRange, b: LineRange): boolean {
  return a.startLine <= b.endLine && b.startLine <= a.endLine;
}
