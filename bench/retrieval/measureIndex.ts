/**
 * Measures the index on a folder: indexing, memory, disk, queries, one changed file, beside scanning all files and a plain
 * FTS5 table in the same run.
 */

import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../server/base/clock.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { seededRandom } from '../../server/base/random.ts';
import { wordsOf } from '../../server/retrieval/codeTerms.ts';
import { IndexProcess } from '../../server/retrieval/indexProcess.ts';
import { liveView } from '../../server/retrieval/indexWriter.ts';
import { LiveIndex } from '../../server/retrieval/liveIndex.ts';
import { linesOf } from '../../server/retrieval/readContent.ts';
import { lastLines } from '../../server/retrieval/queryTerms.ts';
import { openDatabase } from '../../server/store/database.ts';

export interface IndexMeasures {
  readonly lines: number;
  readonly files: number;
  readonly indexSeconds: number;
  /** Of the child, user and system; undefined where /proc is not there. */
  readonly indexCpuSeconds: number | undefined;
  readonly peakMb: number | undefined;
  /** Size of the index by size of the source. */
  readonly indexPerSource: number;
  readonly queryMs: Times;
  /** Mean, user and system; on a busy machine it says more than queryMs. */
  readonly queryCpuMs: number;
  readonly changedFileMs: Times;
  readonly plainFts5: {
    readonly indexSeconds: number;
    readonly indexPerSource: number;
    readonly queryMs: Times;
  };
  readonly scanMs: Times;
}

export interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** @param folder private and temporary, for the index files. */
export async function measureIndex(
  root: string,
  folder: string,
  nQueries: number,
  tell: (line: string) => void,
): Promise<IndexMeasures> {
  const process_ = new IndexProcess({ clock: systemClock, logger: silentLogger });
  const indexPath = join(folder, 'index.sqlite');
  const startMs = performance.now();
  const live = new LiveIndex({
    key: root,
    root,
    gitDir: undefined,
    indexPath,
    settingGlobs: [],
    process: process_,
    logger: silentLogger,
  });
  await reached(live, 'ready');
  tell('indexed');
  const indexSeconds = (performance.now() - startMs) / 1000;
  const peakMb = peakMegabytes(process_.pid);
  const cpuSeconds = cpuSecondsOf(process_.pid);
  const status = live.status();
  if (status === undefined) throw new Error('There is no index.');
  const db = openDatabase({ path: indexPath, isReadOnly: true });
  const paths = db
    .all<{ path: string }>(
      `SELECT folder || '/' || name AS path FROM entries WHERE view = ? AND contentId IS NOT NULL`,
      liveView,
    )
    .map((row) => row.path.replace(/^\//, ''));
  db.dispose();
  const cursors = drawCursors(root, paths, nQueries);
  const cpuBefore = process.cpuUsage();
  const queries = await timeEach(cursors, async (cursor) => {
    await live.retriever.retrieve({ ...cursor, languageId: '' }, new AbortController().signal);
  });
  const cpu = process.cpuUsage(cpuBefore);
  const changed = await timeChanges(root, paths, live);
  const plain = await measurePlainFts(root, folder, paths, cursors);
  const scan = await timeEach(cursors.slice(0, 5), async (cursor) => scanAll(root, paths, cursor.prefix));
  live.dispose();
  process_.dispose();
  return {
    lines: status.nLines,
    files: status.nFiles,
    indexSeconds: round(indexSeconds),
    indexCpuSeconds: cpuSeconds,
    peakMb,
    indexPerSource: round(status.indexBytes / status.sourceBytes),
    queryMs: queries,
    queryCpuMs: round((cpu.user + cpu.system) / 1000 / cursors.length),
    changedFileMs: changed,
    plainFts5: plain,
    scanMs: scan,
  };
}

function reached(live: LiveIndex, kind: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = live.onState((state) => {
      if (state.kind !== kind) return;
      listener.dispose();
      resolve();
    });
  });
}

interface Cursor {
  readonly path: string;
  readonly prefix: string;
  readonly suffix: string;
}

function drawCursors(root: string, paths: readonly string[], count: number): Cursor[] {
  const random = seededRandom(2);
  return Array.from({ length: count }, () => {
    const path = paths[random.int(paths.length)] as string;
    const text = readFileSync(join(root, path), 'utf8');
    const at = random.int(text.length);
    return { path, prefix: text.slice(0, at), suffix: text.slice(at) };
  });
}

/** A comment line is added to each of ten files; the time until the child has stored it. */
async function timeChanges(root: string, paths: readonly string[], live: LiveIndex) {
  const random = seededRandom(3);
  const chosen = Array.from({ length: 10 }, () => paths[random.int(paths.length)] as string);
  return timeEach(chosen, async (path) => {
    const absolute = join(root, path);
    const before = readFileSync(absolute);
    appendFileSync(absolute, '\n');
    const done = new Promise<void>((resolve) => {
      const listener = live.onUpdated(() => {
        listener.dispose();
        resolve();
      });
    });
    live.filesChanged([path]);
    await done;
    writeFileSync(absolute, before);
  });
}

/** An FTS5 table as one would first think of it: 20-line windows with their text, SQLite's own bm25. */
async function measurePlainFts(
  root: string,
  folder: string,
  paths: readonly string[],
  cursors: readonly Cursor[],
) {
  const path = join(folder, 'plain.sqlite');
  const db = openDatabase({ path });
  db.exec('CREATE VIRTUAL TABLE plain USING fts5(path UNINDEXED, line UNINDEXED, text)');
  const startMs = performance.now();
  let sourceBytes = 0;
  db.transaction(() => {
    for (const file of paths) {
      const text = readFileSync(join(root, file), 'utf8');
      sourceBytes += text.length;
      const lines = linesOf(text);
      for (let i = 0; i < lines.length; i += 20) {
        db.run('INSERT INTO plain VALUES (?, ?, ?)', file, i + 1, lines.slice(i, i + 20).join('\n'));
      }
    }
  });
  const indexSeconds = round((performance.now() - startMs) / 1000);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const queryMs = await timeEach(cursors, async ({ prefix }) => {
    const words = new Set(lastLines(prefix, 20).flatMap(wordsOf));
    const match = [...words].map((word) => `"${word}"`).join(' OR ');
    if (match !== '') {
      db.all('SELECT path, line FROM plain WHERE plain MATCH ? ORDER BY bm25(plain) LIMIT 10', match);
    }
  });
  db.dispose();
  return { indexSeconds, indexPerSource: round(statSync(path).size / sourceBytes), queryMs };
}

/** What a search without an index does: reads every file and counts the words of the query in each. */
function scanAll(root: string, paths: readonly string[], prefix: string): number {
  const words = new Set(lastLines(prefix, 20).flatMap(wordsOf));
  let best = 0;
  for (const path of paths) {
    const text = readFileSync(join(root, path), 'utf8');
    let n = 0;
    for (const word of words) if (text.includes(word)) n++;
    best = Math.max(best, n);
  }
  return best;
}

async function timeEach<T>(items: readonly T[], run: (item: T) => Promise<unknown>) {
  const times: number[] = [];
  for (const item of items) {
    const startMs = performance.now();
    await run(item);
    times.push(performance.now() - startMs);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) =>
    round(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Linux only; undefined elsewhere. */
function peakMegabytes(pid: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
    return Math.round(Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1000);
  } catch {
    return undefined;
  }
}

/** User and system time; fields 14 and 15 of proc_pid_stat(5), in hundredths of a second. */
function cpuSecondsOf(pid: number | undefined): number | undefined {
  try {
    const fields =
      readFileSync(`/proc/${pid ?? 'self'}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
