/** `idiom index`: brings the repository's index up to date and tells what is in it, or why a file is not. */

import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { digestOf } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { readRegularFile } from '../base/readRegularFile.ts';
import type { Check } from '../doctor/examine.ts';
import { reasonTexts } from '../retrieval/builtInRules.ts';
import type { IgnoreReason } from '../retrieval/builtInRules.ts';
import { explainContent, explainText, maxFileBytes } from '../retrieval/contentRules.ts';
import { foreignAbove } from '../retrieval/foreignFolder.ts';
import { openIgnoreRules } from '../retrieval/ignoreRules.ts';
import { indexOnce } from '../retrieval/indexOnce.ts';
import { openIndexForReading } from '../retrieval/indexSchema.ts';
import { indexStatus } from '../retrieval/indexStatus.ts';
import type { IndexStatus } from '../retrieval/indexStatus.ts';
import type { CliContext } from './cliContext.ts';
import { pathInRepository } from './pathInRepository.ts';

interface IndexFlags {
  readonly explain?: string;
  readonly ignore: readonly string[];
  readonly json?: boolean;
}

export function registerIndex(program: Command, context: CliContext): void {
  program
    .command('index')
    .description('index the repository and show what is in the index')
    .option('--explain <file>', 'tell whether this file is indexed, and if not, why')
    .option('--ignore <glob...>', 'leave these out too, as the setting idiom.ignore does', [])
    .option('--json', 'answer as JSON')
    .action(async (flags: IndexFlags) => {
      const { root, repoId } = await context.repo();
      if (flags.explain !== undefined) return explain(root, flags, context);
      const status = await indexOnce({
        root,
        indexPath: indexPathOf(context.folders.cache, repoId, root),
        settingGlobs: flags.ignore,
        nowMs: () => context.nowMs(),
        onProgress: ({ nFiles, folder }) => context.remark(`${nFiles} files, now in ${folder || '.'}`),
        signal: context.signal,
      });
      if (flags.json === true) context.write(JSON.stringify(status));
      else for (const line of describeStatus(status, context.nowMs())) context.write(line);
    });
}

/** Worktrees and clones of one repository share learning, but each has its own files and so its own index. */
export function indexPathOf(cacheFolder: string, repoId: string, root: string): string {
  return join(cacheFolder, 'repos', repoId, `index-${digestOf(root).slice(0, 12)}.sqlite`);
}

/** What the doctor says of the index of the repository that the command was run in. */
export async function checkIndex(context: CliContext): Promise<Check> {
  const { root, repoId, name } = await context.repo();
  const path = indexPathOf(context.folders.cache, repoId, root);
  const db = openIndexForReading(path);
  if (db === undefined) {
    const detail = existsSync(path)
      ? `${path} is broken or of another version; it is made again when it is next used.`
      : `There is none of ${name} yet; editors and \`idiom index\` make it.`;
    return { name: 'index', verdict: 'ok', detail };
  }
  try {
    const lines = describeStatus(indexStatus(db), context.nowMs());
    return { name: 'index', verdict: 'ok', detail: `${name}: ${lines.at(0)}, ${lines.at(-1)}.` };
  } finally {
    db.dispose();
  }
}

async function explain(root: string, flags: IndexFlags, context: CliContext): Promise<void> {
  const named = flags.explain ?? '';
  const found = pathInRepository(root, named);
  const path = found ?? named;
  const { reason, rule } =
    found === undefined
      ? { reason: 'outside' as const, rule: undefined }
      : await judge(root, path, flags.ignore);
  if (flags.json === true) {
    context.write(JSON.stringify({ path, isIndexed: reason === undefined, reason, rule }));
  } else if (reason === undefined) {
    context.write(`${path} is indexed.`);
  } else {
    const by = rule === undefined ? '' : ` (${rule})`;
    context.write(`${path} is left out because ${reasonTexts[reason]}${by}.`);
  }
}

async function judge(
  root: string,
  path: string,
  settingGlobs: readonly string[],
): Promise<{ reason: IgnoreReason | undefined; rule: string | undefined }> {
  const verdict = (await openIgnoreRules({ root, settingGlobs })).explain(path);
  if (verdict.isIgnored) return { reason: verdict.reason ?? 'setting', rule: verdict.rule };
  const foreign = foreignAbove(root, path);
  if (foreign !== undefined) return { reason: foreign, rule: undefined };
  const absolute = join(root, path);
  const stats = lstatSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) throw new IdiomError('wrongUse', `There is no file ${path} in the repository.`);
  if (!stats.isFile()) return { reason: 'notAFile', rule: undefined };
  if (stats.size > maxFileBytes) return { reason: 'huge', rule: undefined };
  try {
    const bytes = readRegularFile(absolute, { maxBytes: maxFileBytes });
    const reason = explainContent(bytes, stats.size) ?? explainText(bytes.toString('utf8'));
    return { reason, rule: undefined };
  } catch {
    return { reason: 'unreadable', rule: undefined };
  }
}

function describeStatus(status: IndexStatus, nowMs: number): string[] {
  const { nFiles, nLines, nChunks, nSymbols, sourceBytes, indexBytes, completeAtMs } = status;
  const skipped = Object.entries(status.skipped).sort((a, b) => b[1] - a[1]);
  return [
    `${nFiles} files, ${nLines} lines, ${nChunks} chunks, ${nSymbols} definitions`,
    `${megabytes(indexBytes)} of index for ${megabytes(sourceBytes)} of source`,
    ...skipped.map(([reason, n]) => `left out: ${n} because ${reasonTexts[reason as IgnoreReason]}`),
    completeAtMs === undefined
      ? 'not complete yet'
      : `complete ${Math.max(0, Math.round((nowMs - completeAtMs) / 1000))} s ago`,
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
