/** Starts llama.cpp and loads a model file with it. The only file that calls node-llama-cpp by itself. */

import { getLlama, GgufInsights, LlamaLogLevel, readGgufFileInfo } from 'node-llama-cpp';
import type { Llama, LlamaModel } from 'node-llama-cpp';
import { describeError, IdiomError } from '../base/errors.ts';
import type { ProbedMachine } from './engineMessages.ts';
import { withoutBuildPaths } from './nativeMessage.ts';

/** llama.cpp tells why something failed in its log only, so the log is listened to. */
export interface NativeLog {
  /** Forgets what was logged before the step that comes now. */
  clear(): void;
  /** The first error since `clear`, which names the cause, or else what was thrown. */
  explain(thrown: unknown): string;
  onError(message: string): void;
}

export function createNativeLog(report: (message: string) => void): NativeLog {
  let first = '';
  return {
    clear() {
      first = '';
    },
    explain: (thrown) => (first === '' ? describeError(thrown) : first),
    onError(message) {
      const line = withoutBuildPaths(message.trim());
      if (first === '') first = line;
      report(line);
    },
  };
}

/** Uses the binaries that come with the package only: nothing is compiled or downloaded. */
export function startLlama(gpu: 'auto' | false, log: NativeLog): Promise<Llama> {
  return getLlama({
    gpu,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    logger(level, message) {
      if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) log.onError(message);
    },
  });
}

export async function probeLlama(log: NativeLog): Promise<ProbedMachine> {
  const llama = await startLlama('auto', log);
  return {
    device: llama.gpu === false ? 'cpu' : llama.gpu,
    nPhysicalCores: llama.cpuMathCores,
    gpuMemoryBytes: llama.gpu === false ? 0 : (await llama.getVramState()).total,
  };
}

/** @throws IdiomError `modelUnsupported` or, on a processor, `modelBroken`; a GPU's failure as it comes. */
export async function loadModelFile(
  llama: Llama,
  path: string,
  log: NativeLog,
  onProgress: (progress: number) => void,
): Promise<LlamaModel> {
  log.clear();
  try {
    return await llama.loadModel({ modelPath: path, onLoadProgress: wholePercents(onProgress) });
  } catch (error) {
    const why = log.explain(error);
    const insights = await GgufInsights.from(await readGgufFileInfo(path), llama);
    if (!insights.isSupportedByLlamaCpp) {
      throw unsupported(path, insights.ggufFileInfo.metadata.general.architecture);
    }
    if (llama.gpu !== false) throw error;
    throw new IdiomError('modelBroken', `llama.cpp cannot load the base model ${path}: ${why}.`, {
      remedy: 'Download it again, or choose another one in the setting idiom.baseModel.',
      cause: error,
    });
  }
}

/** llama.cpp tells of each tensor. */
function wholePercents(onProgress: (progress: number) => void): (progress: number) => void {
  let last = 0;
  return (progress) => {
    const rounded = Math.floor(progress * 100) / 100;
    if (rounded <= last) return;
    last = rounded;
    onProgress(rounded);
  };
}

function unsupported(path: string, architecture: string): IdiomError {
  return new IdiomError(
    'modelUnsupported',
    `The base model ${path} has the architecture "${architecture}", which llama.cpp cannot run.`,
    { remedy: 'Choose another one in the setting idiom.baseModel; `idiom model list` shows some.' },
  );
}
