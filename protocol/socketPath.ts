/** Where the daemon listens; client and daemon compute it from the same inputs. It touches no file. */

import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** What the path depends on. Pass `process.env`, `process.platform`, `process.getuid?.()`, `os.tmpdir()`, `os.homedir()`. */
export interface SocketPathInputs {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** User id; undefined on Windows. */
  readonly uid: number | undefined;
  readonly tmpDir: string;
  readonly homeDir: string;
}

/**
 * Longest path in bytes that every system takes for a Unix socket: `sun_path` holds 104 bytes on macOS and 108 on Linux,
 * with the final zero (https://man7.org/linux/man-pages/man7/unix.7.html).
 */
export const maxSocketPathBytes = 100;

/**
 * The daemon's socket, or its named pipe on Windows; one for each user and each `IDIOM_HOME`.
 * The folder of the socket must be the user's own with mode 0700: the daemon makes it so, clients check it.
 */
export function socketPath(inputs: SocketPathInputs): string {
  const { env, platform, tmpDir, homeDir } = inputs;
  const idiomHome = set(env['IDIOM_HOME']);
  if (platform === 'win32') {
    const home = (idiomHome ?? homeDir).replaceAll('/', '\\').replace(/\\+$/, '').toLowerCase();
    return `\\\\.\\pipe\\idiomd-${shortDigest(home)}`;
  }
  const userDir = posix.join(tmpDir, `idiom-${inputs.uid ?? 0}`);
  const path = posix.join(folder(idiomHome, set(env['XDG_RUNTIME_DIR']), userDir), 'idiomd.sock');
  if (Buffer.byteLength(path) <= maxSocketPathBytes) return path;
  const short = posix.join(userDir, `${shortDigest(path)}.sock`);
  if (Buffer.byteLength(short) <= maxSocketPathBytes) return short;
  return posix.join('/tmp', `idiom-${inputs.uid ?? 0}`, `${shortDigest(path)}.sock`);
}

function folder(idiomHome: string | undefined, runtimeDir: string | undefined, userDir: string): string {
  if (idiomHome !== undefined) return posix.join(idiomHome, 'run');
  if (runtimeDir !== undefined) return posix.join(runtimeDir, 'idiom');
  return userDir;
}

/** An empty variable counts as absent. */
function set(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
