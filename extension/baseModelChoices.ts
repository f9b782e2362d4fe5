/** The base models that the quick pick offers by name; a test holds them to the daemon's own recommendations. */

export interface BaseModelChoice {
  readonly name: string;
  /** As in the setting `idiom.baseModel`. */
  readonly ref: string;
  /** What is downloaded. */
  readonly downloadBytes: number;
  /** What to expect of it, a sentence. */
  readonly detail: string;
}

/** Best first. */
export const baseModelChoices: readonly BaseModelChoice[] = [
  {
    name: 'Qwen2.5-Coder 1.5B',
    ref: 'hf:ggml-org/Qwen2.5-Coder-1.5B-Q8_0-GGUF/qwen2.5-coder-1.5b-q8_0.gguf',
    downloadBytes: 1.65e9,
    detail: 'The best suggestions; for a machine with a GPU or eight cores.',
  },
  {
    name: 'Qwen2.5-Coder 0.5B',
    ref: 'hf:ggml-org/Qwen2.5-Coder-0.5B-Q8_0-GGUF/qwen2.5-coder-0.5b-q8_0.gguf',
    downloadBytes: 0.53e9,
    detail: 'Good suggestions; for a machine with four cores.',
  },
  {
    name: 'SmolLM2-135M',
    ref: 'embedded',
    downloadBytes: 92_871_040,
    detail: 'Small and quick on any machine; its suggestions are short.',
  },
];

/** For example "1.6 GB" or "93 MB". */
export function readableSize(sizeBytes: number): string {
  return sizeBytes >= 1e9 ? `${(sizeBytes / 1e9).toFixed(1)} GB` : `${Math.round(sizeBytes / 1e6)} MB`;
}
