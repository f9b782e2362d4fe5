/** Downloads one large file so that it is whole or not there: resumes, checks, then renames. Knows nothing of models. */

import { mkdirSync, rmSync, statSync } from 'node:fs';
import { open, rename, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import http from 'node:http';
import { dirname } from 'node:path';
import tls from 'node:tls';
import { delay } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { digestFile } from '../base/digest.ts';
import { describeError, explainFileError, IdiomError, isAbort } from '../base/errors.ts';
import { syncFolder } from '../base/writeFile.ts';

export interface DownloadOptions {
  readonly url: string;
  /** Sent to the host of `url`, not to the one that it redirects to. */
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
  /** SHA-256 that the file must have; undefined: what the server states, if it does. */
  readonly sha256: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

interface RemoteFile {
  readonly sizeBytes: number | undefined;
  readonly sha256: string | undefined;
}

const maxAttempts = 5;
const retryAfterMs = [0, 1000, 3000, 10_000];
/** A connection that brings nothing for so long is cut and taken up again. */
const maxSilenceMs = 60_000;

/**
 * Downloads to `path.part`, which an abort or a failure leaves there to be resumed, then renames it to `path`.
 * @throws IdiomError `downloadFailed`, `modelMissing` (404), `notPermitted`, `diskFull`; AbortError when aborted.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  useNetworkOfMachine();
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  const remote = await askRemote(options);
  const partPath = `${options.path}.part`;
  const sha256 = options.sha256 ?? remote.sha256;
  if (sizeOf(partPath) > (remote.sizeBytes ?? Infinity)) rmSync(partPath);
  await checkDiskSpace(options.path, (remote.sizeBytes ?? 0) - sizeOf(partPath));
  const isResumed = sizeOf(partPath) > 0;
  await fetchRest(options, remote, partPath);
  options.onProgress(sizeOf(partPath), sizeOf(partPath));
  if (!(await isIntact(partPath, sha256, options.signal))) {
    rmSync(partPath);
    // The part may have been begun from an older version of the file: once more, from the start.
    if (isResumed) return downloadFile(options);
    throw new IdiomError('downloadFailed', `What came from ${hostOf(options.url)} has a wrong checksum.`, {
      remedy: 'Try again; if it happens again, something between here and there changes the file.',
    });
  }
  await settle(partPath, options.path);
}

/** Fetches until the part is complete; a cut connection is taken up again where it broke. */
async function fetchRest(options: DownloadOptions, remote: RemoteFile, partPath: string): Promise<void> {
  const { clock, signal, url } = options;
  for (let attempt = 1; !isComplete(partPath, remote); attempt++) {
    const before = sizeOf(partPath);
    let problem: unknown = new Error('it sent another number of bytes than it said');
    try {
      await fetchOnce(options, remote, partPath);
      if (remote.sizeBytes === undefined || isComplete(partPath, remote)) return;
      if (sizeOf(partPath) > remote.sizeBytes) rmSync(partPath);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof IdiomError) throw error;
      problem = error;
      if (sizeOf(partPath) > before) attempt = 1;
    }
    if (attempt >= maxAttempts) throw unreachable(url, problem);
    await delay(clock, retryAfterMs[Math.min(attempt, retryAfterMs.length) - 1] ?? 0, signal);
  }
}

async function fetchOnce(options: DownloadOptions, remote: RemoteFile, partPath: string): Promise<void> {
  const { clock, url, headers, signal } = options;
  const silence = new AbortController();
  const cut = () => silence.abort(new Error('nothing came for a minute'));
  let timer = clock.setTimer(maxSilenceMs, cut);
  let file: FileHandle | undefined;
  try {
    let doneBytes = sizeOf(partPath);
    const response = await fetch(url, {
      headers: { ...headers, ...(doneBytes > 0 ? { range: `bytes=${doneBytes}-` } : {}) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (response.status === 416) {
      rmSync(partPath);
      return;
    }
    if (!response.ok || response.body === null) throw refused(url, response.status);
    // A server that ignores the range sends the file from its beginning.
    if (response.status !== 206) doneBytes = 0;
    file = await open(partPath, doneBytes === 0 ? 'w' : 'a', 0o600).catch((error: unknown) => {
      throw explainFileError(error, partPath);
    });
    const totalBytes = remote.sizeBytes ?? 0;
    options.onProgress(doneBytes, totalBytes);
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      timer.dispose();
      timer = clock.setTimer(maxSilenceMs, cut);
      await write(file, chunk, partPath);
      doneBytes += chunk.length;
      options.onProgress(doneBytes, totalBytes);
    }
    await file.sync();
  } finally {
    timer.dispose();
    await file?.close();
  }
}

async function write(file: FileHandle, chunk: Uint8Array, path: string): Promise<void> {
  try {
    for (let done = 0; done < chunk.length;) done += (await file.write(chunk, done)).bytesWritten;
  } catch (error) {
    throw explainFileError(error, path);
  }
}

/**
 * Size and SHA-256, which the hub states on the redirect for files in its large-file storage:
 * https://huggingface.co/docs/huggingface_hub/package_reference/file_download#huggingface_hub.get_hf_file_metadata.
 */
async function askRemote(options: DownloadOptions): Promise<RemoteFile> {
  const { url, headers, signal } = options;
  let response: Response;
  try {
    response = await fetch(url, { method: 'HEAD', redirect: 'manual', headers, signal });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw unreachable(url, error);
  }
  if (response.status >= 400) throw refused(url, response.status);
  const isRedirect = response.status >= 300;
  const stated = response.headers;
  const size = stated.get('x-linked-size') ?? (isRedirect ? null : stated.get('content-length'));
  const digest = /[0-9a-f]{64}/.exec(stated.get('x-linked-etag') ?? '')?.[0];
  return { sizeBytes: size === null ? undefined : Number(size), sha256: digest };
}

function isComplete(partPath: string, remote: RemoteFile): boolean {
  return remote.sizeBytes !== undefined && sizeOf(partPath) === remote.sizeBytes;
}

async function isIntact(path: string, sha256: string | undefined, signal: AbortSignal): Promise<boolean> {
  return sha256 === undefined || (await digestFile(path, signal)) === sha256;
}

async function settle(partPath: string, path: string): Promise<void> {
  const file = await open(partPath, 'r+');
  await file.sync();
  await file.close();
  await rename(partPath, path);
  syncFolder(dirname(path));
}

async function checkDiskSpace(path: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize >= neededBytes) return;
  throw new IdiomError(
    'diskFull',
    `${dirname(path)} has ${Math.floor((bavail * bsize) / 1e6)} MB free, and the download needs ${Math.ceil(neededBytes / 1e6)} MB.`,
    { remedy: 'Free some space, or set IDIOM_HOME to a folder on another disk.' },
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function refused(url: string, status: number): IdiomError {
  const host = hostOf(url);
  switch (status) {
    case 401:
    case 403:
      return new IdiomError(
        'notPermitted',
        `${host} does not give ${fileOf(url)} to you (status ${status}).`,
        {
          remedy: 'Check the name; if the model is gated, set HF_TOKEN to a token that may read it.',
        },
      );
    case 404:
      return new IdiomError('modelMissing', `${host} has no ${fileOf(url)}.`, {
        remedy: 'Check owner, repository and file in the setting idiom.baseModel.',
      });
    default:
      return new IdiomError('downloadFailed', `${host} answered with status ${status}.`, {
        remedy: 'Try again later, or choose another base model.',
      });
  }
}

function unreachable(url: string, cause: unknown): IdiomError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new IdiomError('downloadFailed', `${hostOf(url)} can't be reached: ${describeError(inner)}.`, {
    remedy: 'Check the connection, or HTTPS_PROXY if there is a proxy; what has come already is kept.',
    cause,
  });
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function fileOf(url: string): string {
  return new URL(url).pathname.replace('/resolve/main/', '/').slice(1);
}

let isSetUp = false;
/**
 * Obeys HTTPS_PROXY and NO_PROXY, and trusts the certificates that this machine trusts, so that a company's own proxy
 * works as it does in a browser. Older runtimes lack these calls.
 */
function useNetworkOfMachine(): void {
  if (isSetUp) return;
  isSetUp = true;
  if (typeof http.setGlobalProxyFromEnv === 'function') http.setGlobalProxyFromEnv();
  if (typeof tls.setDefaultCACertificates !== 'function') return;
  const trusted = [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];
  tls.setDefaultCACertificates([...new Set(trusted)]);
}
