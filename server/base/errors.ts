/** Errors that a person may read: a code, one sentence that says what to do, and an exit code for the CLI. */

/** Exit codes of the CLI contract: 2 wrong use, 3 refused by the gate, 4 missing model or resource, 1 all else. */
export type ExitCode = 1 | 2 | 3 | 4;

export type ErrorCode =
  | 'wrongUse'
  | 'modelMissing'
  | 'modelBroken'
  | 'modelTooLarge'
  | 'modelUnsupported'
  | 'downloadFailed'
  | 'consentNeeded'
  | 'engineFailed'
  | 'adapterBroken'
  | 'trainingFailed'
  | 'gateRefused'
  | 'storeUnusable'
  | 'storeNewer'
  | 'diskFull'
  | 'notPermitted'
  | 'gitFailed'
  | 'daemonUnreachable'
  | 'protocolMismatch'
  | 'badMessage'
  | 'badFile'
  | 'internal';

const exitCodes: Partial<Record<ErrorCode, ExitCode>> = {
  wrongUse: 2,
  gateRefused: 3,
  modelMissing: 4,
  modelBroken: 4,
  modelTooLarge: 4,
  modelUnsupported: 4,
  adapterBroken: 4,
  downloadFailed: 4,
  consentNeeded: 4,
  storeUnusable: 4,
  storeNewer: 4,
  diskFull: 4,
  notPermitted: 4,
  gitFailed: 4,
  daemonUnreachable: 4,
};

/** An expected failure. `message` is a full sentence for the user; `remedy`, if any, is another that says what to do. */
export class IdiomError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IdiomError';
    this.code = code;
    this.remedy = options.remedy;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code] ?? 1;
  }

  /** Message and remedy as one line. */
  get sentence(): string {
    return this.remedy === undefined ? this.message : `${this.message} ${this.remedy}`;
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Any thrown value as one readable line; never includes a stack. */
export function describeError(error: unknown): string {
  if (error instanceof IdiomError) return error.sentence;
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error such as ENOENT, else undefined. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Turns a file system error into a sentence with a remedy; other errors pass through unchanged. */
export function explainFileError(error: unknown, path: string): Error {
  switch (isUnmadeFolder(error) ? 'EROFS' : systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new IdiomError('diskFull', `The disk is full, so ${path} could not be written.`, {
        remedy: 'Free some space, or set IDIOM_HOME to a folder on another disk.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new IdiomError('notPermitted', `Idiom may not write ${path}.`, {
        remedy: 'Make the folder writable, or set IDIOM_HOME to one that is.',
        cause: error,
      });
    default:
      return error instanceof Error ? error : new Error(String(error));
  }
}

/** On a read-only disk Node says of a folder that can't be made, with all above it, that it isn't there. */
function isUnmadeFolder(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' && (error as { syscall?: unknown }).syscall === 'mkdir';
}
