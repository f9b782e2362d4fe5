/** Remembers what was suggested where, so that nothing is asked twice and typing along a suggestion costs nothing. */

import { digestOf } from '../base/digest.ts';
import type { Snippet } from '../retrieval/snippet.ts';
import type { NoneReason } from './noneReason.ts';
import type { PromptContext } from './readContext.ts';

/** What a stored answer depends on besides the text around the cursor. */
export interface CacheScope {
  readonly uri: string;
  readonly baseModelDigest: string;
  /** Digest of the adapter, or "base". */
  readonly adapter: string;
}

export interface CachedAnswer {
  /** With the document's line ends; empty when the answer was none. */
  readonly text: string;
  readonly replaceLength: number;
  readonly isMultiline: boolean;
  /** Cut at the longest length: more may follow. */
  readonly isCutByLength: boolean;
  readonly snippets: readonly Snippet[];
  /** Tokens that its prompt was cut to, to be in time. */
  readonly shortenedTo?: number | undefined;
  readonly origin: 'request' | 'prefetch';
  readonly noneReason: NoneReason | undefined;
}

export interface CacheHit {
  readonly answer: CachedAnswer;
  /** What was typed of the text since; empty for an exact hit. */
  readonly typed: string;
  /** What is left to suggest. */
  readonly rest: string;
  /** Closers that the editor put in behind the cursor meanwhile. */
  readonly autoClosed: string;
}

interface Entry {
  readonly scopeKey: string;
  readonly offset: number;
  readonly windowStart: number;
  readonly prefixDigest: string;
  readonly suffixDigest: string;
  readonly answer: CachedAnswer;
  readonly sizeBytes: number;
}

/** Characters after the cursor that count; fewer than a context has, so that closers put in meanwhile fit. */
const suffixChars = 8000;
const maxAutoClosed = 3;
/** Bookkeeping of an entry, roughly. */
const entryBytes = 600;

/** Least recently used answers go first once `maxSizeBytes` are stored. */
export class SuggestionCache {
  readonly #maxSizeBytes: number;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry>();
  #sizeBytes = 0;

  constructor(maxSizeBytes: number) {
    this.#maxSizeBytes = maxSizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  put(scope: CacheScope, context: PromptContext, answer: CachedAnswer): void {
    const prefixDigest = digestOf(context.rawPrefix);
    const suffixDigest = digestOf(context.rawSuffix.slice(0, suffixChars));
    const scopeKey = keyOf(scope);
    const key = [scopeKey, context.offset, prefixDigest, suffixDigest].join('\n');
    this.#remove(key);
    const nChars = answer.snippets.reduce((sum, each) => sum + each.text.length, answer.text.length);
    const sizeBytes = entryBytes + 2 * nChars;
    const { offset, windowStart } = context;
    this.#entries.set(key, { scopeKey, offset, windowStart, prefixDigest, suffixDigest, answer, sizeBytes });
    this.#sizeBytes += sizeBytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#sizeBytes <= this.#maxSizeBytes) break;
      this.#remove(oldest);
    }
  }

  /**
   * The newest answer that was given here, or at an earlier place from which exactly a beginning of it was typed, the
   * document being otherwise the same.
   */
  find(scope: CacheScope, context: PromptContext): CacheHit | undefined {
    const scopeKey = keyOf(scope);
    const digests = new ContextDigests(context);
    for (const [key, entry] of [...this.#entries].reverse()) {
      const hit = entry.scopeKey === scopeKey ? match(entry, context, digests) : undefined;
      if (hit === undefined) continue;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return hit;
    }
    return undefined;
  }

  clear(): void {
    this.#entries.clear();
    this.#sizeBytes = 0;
  }

  #remove(key: string): void {
    this.#sizeBytes -= this.#entries.get(key)?.sizeBytes ?? 0;
    this.#entries.delete(key);
  }
}

const keyOf = ({ uri, baseModelDigest, adapter }: CacheScope): string =>
  JSON.stringify([uri, baseModelDigest, adapter]);

/** Cheap comparisons first; digests are taken only when all else agrees, and once for each length. */
function match(entry: Entry, context: PromptContext, digests: ContextDigests): CacheHit | undefined {
  const nTyped = context.offset - entry.offset;
  const { text } = entry.answer;
  if (nTyped < 0 || nTyped > text.length || entry.windowStart !== context.windowStart) return undefined;
  const typed = nTyped === 0 ? '' : context.rawPrefix.slice(-nTyped);
  if (!text.startsWith(typed)) return undefined;
  const nAutoClosed = digests.countAutoClosed(entry.suffixDigest, nTyped > 0 ? maxAutoClosed : 0);
  if (nAutoClosed === undefined || digests.prefix(nTyped) !== entry.prefixDigest) return undefined;
  return {
    answer: entry.answer,
    typed,
    rest: text.slice(nTyped),
    autoClosed: context.rawSuffix.slice(0, nAutoClosed),
  };
}

class ContextDigests {
  readonly #context: PromptContext;
  readonly #prefixes = new Map<number, string>();
  readonly #suffixes: string[] = [];

  constructor(context: PromptContext) {
    this.#context = context;
  }

  /** Of the prefix without its last `nTyped` characters. */
  prefix(nTyped: number): string {
    let digest = this.#prefixes.get(nTyped);
    if (digest === undefined) {
      const { rawPrefix } = this.#context;
      digest = digestOf(rawPrefix.slice(0, rawPrefix.length - nTyped));
      this.#prefixes.set(nTyped, digest);
    }
    return digest;
  }

  /** How many closers at the cursor must be left out for the suffix to be the one with this digest. */
  countAutoClosed(digest: string, max: number): number | undefined {
    const { rawSuffix } = this.#context;
    for (let n = 0; n <= max; n++) {
      if (!/^[)\]}'"`>]*$/.test(rawSuffix.slice(0, n))) return undefined;
      this.#suffixes[n] ??= digestOf(rawSuffix.slice(n, n + suffixChars));
      if (this.#suffixes[n] === digest) return n;
    }
    return undefined;
  }
}
