/** Messages between the daemon and the child that writes indexes; one child serves all repositories, told apart by `key`. */

import { z } from 'zod';

const key = z.string();

/** See IndexStatus. */
const status = z.object({
  nFiles: z.number(),
  nLines: z.number(),
  nChunks: z.number(),
  nSymbols: z.number(),
  skipped: z.record(z.string(), z.number()),
  sourceBytes: z.number(),
  indexBytes: z.number(),
  completeAtMs: z.number().optional(),
});

export const toIndexerSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('open'),
    key,
    indexPath: z.string(),
    root: z.string(),
    /** Folder with HEAD, to notice a branch switch; absent without git. */
    gitDir: z.string().optional(),
    settingGlobs: z.array(z.string()),
  }),
  z.object({ type: z.literal('close'), key }),
  /** These files may have changed on disk; relative paths. A folder counts with all that is in it. */
  z.object({ type: z.literal('update'), key, paths: z.array(z.string()) }),
  z.object({ type: z.literal('sync'), key, cause: z.string() }),
  z.object({ type: z.literal('cancel'), key }),
  z.object({ type: z.literal('settings'), key, settingGlobs: z.array(z.string()) }),
]);
export type ToIndexer = z.infer<typeof toIndexerSchema>;

export const fromIndexerSchema = z.discriminatedUnion('type', [
  /** The file is there and of this version; readers may open it (again). */
  z.object({ type: z.literal('opened'), key, status, rebuiltBecause: z.string().optional() }),
  z.object({
    type: z.literal('progress'),
    key,
    nFiles: z.number(),
    nChangedFiles: z.number(),
    folder: z.string(),
  }),
  z.object({
    type: z.literal('synced'),
    key,
    cause: z.string(),
    nFiles: z.number(),
    nChangedFiles: z.number(),
    nUnreadable: z.number(),
    durationMs: z.number(),
    status,
  }),
  /** A walk was cancelled; there is none before the next change or wish. */
  z.object({ type: z.literal('stopped'), key, status }),
  z.object({ type: z.literal('updated'), key, nChangedFiles: z.number(), durationMs: z.number() }),
  /** It goes on with what it has, and tries again by itself; `reason` is one or two sentences. */
  z.object({ type: z.literal('trouble'), key, reason: z.string() }),
]);
export type FromIndexer = z.infer<typeof fromIndexerSchema>;
