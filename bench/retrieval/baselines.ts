/** What others do, for comparison: plain BM25 windows, Jaccard windows of neighbouring files, and Tabby's settings. */

import { wordsOf } from '../../server/retrieval/codeTerms.ts';
import { familyOf } from '../../server/retrieval/languages.ts';
import { firstLines, lastLines } from '../../server/retrieval/queryTerms.ts';
import type { Snippet } from '../../server/retrieval/snippet.ts';
import type { RetrievalCase } from './cases.ts';
import type { CorpusFile } from './corpus.ts';

/** Snippets best first, not yet cut to a budget. */
export type Method = (each: RetrievalCase) => Promise<readonly Snippet[]>;

interface Window extends Snippet {
  readonly words: ReadonlyMap<string, number>;
  readonly nWords: number;
}

/** k1 and b as in Lucene and tantivy, which Tabby uses. */
const k1 = 1.2;
const b = 0.75;

export function windowsOf(corpus: readonly CorpusFile[], nLines: number, step: number): Window[] {
  return corpus.flatMap((file) => {
    const windows: Window[] = [];
    for (let start = 0; start < file.lines.length; start += step) {
      const lines = file.lines.slice(start, start + nLines);
      windows.push(windowOf(file.path, start + 1, lines));
      if (start + nLines >= file.lines.length) break;
    }
    return windows;
  });
}

/** Chunks of whole lines with at most `maxChars` characters each. */
export function charWindowsOf(corpus: readonly CorpusFile[], maxChars: number): Window[] {
  return corpus.flatMap((file) => {
    const windows: Window[] = [];
    let start = 0;
    while (start < file.lines.length) {
      let end = start;
      for (let chars = 0; end < file.lines.length; end++) {
        chars += (file.lines[end] as string).length + 1;
        if (chars > maxChars && end > start) break;
      }
      windows.push(windowOf(file.path, start + 1, file.lines.slice(start, end)));
      start = end;
    }
    return windows;
  });
}

/** BM25 over all windows of the same language; the query is the last lines before the cursor and the first after it. */
export function bm25(windows: readonly Window[], nLinesBefore: number, nLinesAfter: number): Method {
  const postings = new Map<string, Window[]>();
  let total = 0;
  for (const window of windows) {
    total += window.nWords;
    for (const word of window.words.keys()) {
      const list = postings.get(word);
      if (list === undefined) postings.set(word, [window]);
      else list.push(window);
    }
  }
  const average = total / windows.length;
  return async (each) => {
    const text = [...lastLines(each.prefix, nLinesBefore), ...firstLines(each.suffix, nLinesAfter)].join(
      '\n',
    );
    const scores = new Map<Window, number>();
    for (const word of new Set(wordsOf(text))) {
      const having = postings.get(word) ?? [];
      const idf = Math.log(1 + (windows.length - having.length + 0.5) / (having.length + 0.5));
      for (const window of having) {
        const tf = window.words.get(word) ?? 0;
        const norm = k1 * (1 - b + (b * window.nWords) / average);
        scores.set(window, (scores.get(window) ?? 0) + (idf * tf * (k1 + 1)) / (tf + norm));
      }
    }
    return top(scores, each, 30);
  };
}

/**
 * As GitHub Copilot's prompt library: the best 60-line window of each of the 20 nearest files by Jaccard similarity of
 * word sets with the 60 lines before the cursor, four windows at most. Recent files stand for open tabs.
 */
export function jaccard(corpus: readonly CorpusFile[]): Method {
  const byPath = new Map(corpus.map((file) => [file.path, file]));
  return async (each) => {
    const folder = each.path.slice(0, each.path.lastIndexOf('/') + 1);
    const near = corpus.map((file) => file.path).filter((path) => path.startsWith(folder));
    const paths = [...new Set([...each.recentPaths, ...near])]
      .filter((path) => path !== each.path && familyOf(path) === familyOf(each.path))
      .slice(0, 20);
    const query = new Set(wordsOf(lastLines(each.prefix, 60).join('\n')));
    const best: { window: Window; score: number }[] = [];
    for (const path of paths) {
      const file = byPath.get(path);
      if (file === undefined) continue;
      const scored = windowsOf([file], 60, 15).map((window) => ({
        window,
        score: similarity(query, window),
      }));
      const first = scored.sort((x, y) => y.score - x.score)[0];
      if (first !== undefined) best.push(first);
    }
    return best
      .sort((x, y) => y.score - x.score)
      .slice(0, 4)
      .map(({ window }) => window);
  };
}

function similarity(query: ReadonlySet<string>, window: Window): number {
  let nShared = 0;
  for (const word of query) if (window.words.has(word)) nShared++;
  return nShared / (query.size + window.words.size - nShared || 1);
}

function top(scores: ReadonlyMap<Window, number>, each: RetrievalCase, count: number): Window[] {
  const family = familyOf(each.path);
  return [...scores]
    .filter(([window]) => window.path !== each.path && familyOf(window.path) === family)
    .sort((x, y) => y[1] - x[1])
    .slice(0, count)
    .map(([window]) => window);
}

function windowOf(path: string, startLine: number, lines: readonly string[]): Window {
  const text = lines.join('\n');
  const words = new Map<string, number>();
  const all = wordsOf(text);
  for (const word of all) words.set(word, (words.get(word) ?? 0) + 1);
  return { path, startLine, endLine: startLine + lines.length - 1, text, words, nWords: all.length };
}
