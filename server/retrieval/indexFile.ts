/** Brings one file's entry up to date: stat, rules, bytes, content. The walk over folders is in syncTree.ts. */

import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { readRegularFile } from '../base/readRegularFile.ts';
import type { IgnoreReason } from './builtInRules.ts';
import { maxFileBytes } from './contentRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';
import { liveView } from './indexWriter.ts';
import type { Entry, IndexWriter } from './indexWriter.ts';
import { grammarOf } from './languages.ts';
import { blobDigest, readContent } from './readContent.ts';
import type { SyntaxReader } from './syntax.ts';

export interface TreeContext {
  /** Absolute path of the working tree. */
  readonly root: string;
  readonly writer: IndexWriter;
  readonly rules: IgnoreRules;
  /** Undefined: everything is cut by lines. */
  readonly syntax: SyntaxReader | undefined;
  nowMs(): number;
}

/** A file changed this shortly before it was read may change again without a new time stamp, so it is read again. */
const racyMs = 50;

/**
 * Compares the file with `known` and stores what changed. Returns whether anything did.
 * Grammars must be prepared before; see grammarOf.
 */
export function indexFile(context: TreeContext, path: string, known: Entry | undefined): boolean {
  const { writer, rules } = context;
  const verdict = rules.explain(path);
  if (verdict.isIgnored) return leaveOut(writer, path, known, verdict.reason ?? 'setting');
  const absolute = join(context.root, path);
  let stats: Stats;
  try {
    stats = lstatSync(absolute);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') return leaveOut(writer, path, known, 'unreadable');
    if (known !== undefined) writer.removeEntry(liveView, path);
    return known !== undefined;
  }
  if (!stats.isFile()) return leaveOut(writer, path, known, 'notAFile');
  if (known !== undefined && known.sizeBytes === stats.size && known.mtimeMs === stats.mtimeMs) return false;
  const isRacy = Math.abs(context.nowMs() - stats.mtimeMs) < racyMs;
  const stamp = { sizeBytes: stats.size, mtimeMs: isRacy ? 0 : stats.mtimeMs };
  const content = readAndStore(context, path, absolute, stats.size);
  const isSame =
    known !== undefined && known.contentId === content.contentId && known.reason === content.reason;
  writer.setEntry(liveView, path, { ...stamp, ...content });
  return !isSame;
}

/** Grammars that these files need; give them to SyntaxReader.prepare. */
export function grammarsOf(paths: Iterable<string>): Set<NonNullable<ReturnType<typeof grammarOf>>> {
  const grammars = new Set<NonNullable<ReturnType<typeof grammarOf>>>();
  for (const path of paths) {
    const grammar = grammarOf(path);
    if (grammar !== undefined) grammars.add(grammar);
  }
  return grammars;
}

/** Content id of these bytes, stored now if need be; or the reason to leave them out. */
export function storeContent(
  context: Pick<TreeContext, 'writer' | 'syntax'>,
  path: string,
  bytes: Uint8Array,
  digest: Uint8Array,
): Pick<Entry, 'contentId' | 'reason'> {
  const found = context.writer.findContent(digest);
  if (found !== undefined) return { contentId: found, reason: null };
  const facts = readContent(path, bytes, context.syntax);
  if ('reason' in facts) return { contentId: null, reason: facts.reason };
  return { contentId: context.writer.addContent(digest, facts), reason: null };
}

function leaveOut(
  writer: IndexWriter,
  path: string,
  known: Entry | undefined,
  reason: IgnoreReason,
): boolean {
  if (known !== undefined && known.contentId === null && known.reason === reason) return false;
  writer.setEntry(liveView, path, { contentId: null, sizeBytes: 0, mtimeMs: 0, reason });
  return true;
}

function readAndStore(
  context: TreeContext,
  path: string,
  absolute: string,
  sizeBytes: number,
): Pick<Entry, 'contentId' | 'reason'> {
  if (sizeBytes > maxFileBytes) return { contentId: null, reason: 'huge' };
  try {
    const bytes = readRegularFile(absolute, { maxBytes: maxFileBytes });
    return storeContent(context, path, bytes, blobDigest(bytes));
  } catch (error) {
    if (systemCode(error)?.startsWith('ERR_SQLITE') === true) throw error;
    return { contentId: null, reason: 'unreadable' };
  }
}
