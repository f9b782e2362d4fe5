/** An error of ours as the answer to a request: its sentences reach the person who asked. */

import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { IdiomError, isAbort } from '../base/errors.ts';

/** Runs a request's body; an IdiomError becomes `RequestFailed` with its sentence and its code as data. */
export async function answerOrExplain<T>(body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isAbort(error)) throw new ResponseError(LSPErrorCodes.RequestCancelled, 'It was cancelled.');
    if (error instanceof IdiomError)
      throw new ResponseError(LSPErrorCodes.RequestFailed, error.sentence, { code: error.code });
    throw error;
  }
}
