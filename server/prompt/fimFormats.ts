/** Fill-in-the-middle formats by model family, as data with their sources, and the choice of one for a base model. */

/** A piece of a prompt. Special tokens go in by id; text can never become one. */
export type Piece =
  | { readonly kind: 'token'; readonly name: string }
  /** `{repoName}`, `{path}` and `{comment}` (a line comment's start) are filled in. */
  | { readonly kind: 'text'; readonly template: string }
  | { readonly kind: 'prefix' | 'suffix' | 'snippets' }
  /** Left out when the suffix is blank. */
  | { readonly kind: 'ifSuffix'; readonly pieces: readonly Piece[] };

export type FimFormatId =
  | 'qwen2.5-coder'
  | 'starcoder2'
  | 'starcoder'
  | 'deepseek-coder'
  | 'codestral'
  | 'codellama'
  | 'codegemma'
  | 'smollm2'
  | 'plain';

export interface FimFormat {
  readonly id: FimFormatId;
  /** Where the format is stated: model card, report or reference implementation. */
  readonly sourceUrl: string;
  /** Special tokens without which the format cannot be written; their presence chooses it. */
  readonly requiredTokens: readonly string[];
  /** Beginning-of-text rule: the first of these that the model has goes in front; an empty list means never. */
  readonly beginTokens: readonly string[];
  readonly layout: readonly Piece[];
  /** Once for each snippet; `{path}` is the snippet's path and `{text}` its text, which ends with a line break. */
  readonly snippet: readonly Piece[];
  /** The token after the middle in training; ends generation. */
  readonly endOfMiddle: string;
  /** Tokens that end generation besides the model's own end tokens. */
  readonly stopTokens: readonly string[];
  readonly stopTexts: readonly string[];
  /**
   * Whether white space at the end of the prefix is left out of the prompt (Prompt.heldBack). For models that merely go
   * on: fill-in-the-middle training cuts at any character, so models with it know a prefix that ends anywhere.
   */
  readonly holdsBackBlank: boolean;
}

/** A format together with the ids of its special tokens in one model. */
export interface BoundFormat {
  readonly format: FimFormat;
  readonly tokenIds: Readonly<Record<string, number>>;
  /** Ids that end generation: the model's own and the format's. */
  readonly stopTokenIds: readonly number[];
}

/** The part of `BaseModelInfo` that decides on a format. */
export interface FormatFacts {
  readonly architecture: string;
  readonly name: string;
  readonly specialTokens: Readonly<Record<string, number>>;
  readonly endTokens: readonly number[];
}

/**
 * The first format of the table whose special tokens the model really has. A name says little: fine-tuned, merged and
 * converted models keep or lose tokens, and a format whose tokens are missing would be read as plain text.
 */
export function chooseFimFormat(info: FormatFacts): BoundFormat {
  const format =
    fimFormats.find((each) => each.requiredTokens.every((name) => name in info.specialTokens)) ?? plainFormat;
  const named = [format.endOfMiddle, ...format.stopTokens].flatMap((name) => info.specialTokens[name] ?? []);
  return {
    format,
    tokenIds: info.specialTokens,
    stopTokenIds: [...new Set([...info.endTokens, ...named])],
  };
}

/** Every special token that some format names; an engine looks their ids up when it loads a model. */
export function namedTokens(): readonly string[] {
  const names = fimFormats.flatMap((format) => [
    ...format.requiredTokens,
    ...format.beginTokens,
    format.endOfMiddle,
    ...format.stopTokens,
  ]);
  return [...new Set(names)].filter((name) => name !== '');
}

const token = (name: string): Piece => ({ kind: 'token', name });
const text = (template: string): Piece => ({ kind: 'text', template });
const ifSuffix = (...pieces: readonly Piece[]): Piece => ({ kind: 'ifSuffix', pieces });
const prefix: Piece = { kind: 'prefix' };
const suffix: Piece = { kind: 'suffix' };
const snippets: Piece = { kind: 'snippets' };

/** For models trained on one file at a time: snippets as files under a comment with their path. */
const commentedSnippet: readonly Piece[] = [text('{comment} {path}\n{text}\n')];
const commentedPath = text('{comment} {path}\n');

const qwenCoder: FimFormat = {
  id: 'qwen2.5-coder',
  // Repository-level FIM: Qwen2.5-Coder report, section 3.2.2, figure of the file and repository formats.
  sourceUrl: 'https://arxiv.org/abs/2409.12186',
  requiredTokens: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|repo_name|>', '<|file_sep|>'],
  beginTokens: [],
  layout: [
    token('<|repo_name|>'),
    text('{repoName}\n'),
    snippets,
    token('<|file_sep|>'),
    text('{path}\n'),
    token('<|fim_prefix|>'),
    prefix,
    token('<|fim_suffix|>'),
    suffix,
    token('<|fim_middle|>'),
  ],
  snippet: [token('<|file_sep|>'), text('{path}\n{text}')],
  endOfMiddle: '<|endoftext|>',
  stopTokens: [
    '<|fim_prefix|>',
    '<|fim_suffix|>',
    '<|fim_middle|>',
    '<|fim_pad|>',
    '<|repo_name|>',
    '<|file_sep|>',
    '<|im_start|>',
    '<|im_end|>',
  ],
  stopTexts: [],
  holdsBackBlank: false,
};

const starCoder2: FimFormat = {
  id: 'starcoder2',
  // Section 5.1: `<fim_prefix>` stands before the path of the file.
  sourceUrl: 'https://arxiv.org/abs/2402.19173',
  requiredTokens: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<repo_name>', '<file_sep>'],
  beginTokens: [],
  layout: [
    token('<repo_name>'),
    text('{repoName}'),
    snippets,
    token('<file_sep>'),
    token('<fim_prefix>'),
    text('{path}\n'),
    prefix,
    token('<fim_suffix>'),
    suffix,
    token('<fim_middle>'),
  ],
  snippet: [token('<file_sep>'), text('{path}\n{text}')],
  endOfMiddle: '<|endoftext|>',
  stopTokens: ['<file_sep>', '<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<fim_pad>', '<repo_name>'],
  stopTexts: [],
  holdsBackBlank: false,
};

const starCoder: FimFormat = {
  id: 'starcoder',
  // Also StableCode and Granite Code, which kept the tokens.
  sourceUrl: 'https://huggingface.co/bigcode/starcoderbase#fill-in-the-middle',
  requiredTokens: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
  beginTokens: [],
  layout: [
    token('<fim_prefix>'),
    snippets,
    commentedPath,
    prefix,
    token('<fim_suffix>'),
    suffix,
    token('<fim_middle>'),
  ],
  snippet: commentedSnippet,
  endOfMiddle: '<|endoftext|>',
  stopTokens: ['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<fim_pad>'],
  stopTexts: [],
  holdsBackBlank: false,
};

const deepSeekCoder: FimFormat = {
  id: 'deepseek-coder',
  // "Code Insertion" and "Repository Level Code Completion": files follow one another under `#path`.
  sourceUrl: 'https://github.com/deepseek-ai/DeepSeek-Coder#2-code-insertion',
  requiredTokens: [
    '<\uff5cfim\u2581begin\uff5c>',
    '<\uff5cfim\u2581hole\uff5c>',
    '<\uff5cfim\u2581end\uff5c>',
  ],
  beginTokens: ['<\uff5cbegin\u2581of\u2581sentence\uff5c>'],
  layout: [
    token('<\uff5cfim\u2581begin\uff5c>'),
    snippets,
    text('#{path}\n'),
    prefix,
    token('<\uff5cfim\u2581hole\uff5c>'),
    suffix,
    token('<\uff5cfim\u2581end\uff5c>'),
  ],
  snippet: [text('#{path}\n{text}\n')],
  endOfMiddle: '<\uff5cend\u2581of\u2581sentence\uff5c>',
  stopTokens: [
    '<\uff5cfim\u2581begin\uff5c>',
    '<\uff5cfim\u2581hole\uff5c>',
    '<\uff5cfim\u2581end\uff5c>',
    '<|EOT|>',
  ],
  stopTexts: [],
  holdsBackBlank: false,
};

const codestral: FimFormat = {
  id: 'codestral',
  // InstructTokenizerV2.encode_fim: BOS, suffix first, then the prefix.
  sourceUrl:
    'https://github.com/mistralai/mistral-common/blob/main/src/mistral_common/tokens/tokenizers/instruct.py',
  requiredTokens: ['[PREFIX]', '[SUFFIX]'],
  beginTokens: ['<s>'],
  layout: [token('[SUFFIX]'), suffix, token('[PREFIX]'), snippets, commentedPath, prefix],
  snippet: commentedSnippet,
  endOfMiddle: '</s>',
  stopTokens: ['[PREFIX]', '[SUFFIX]', '[MIDDLE]'],
  stopTexts: [],
  holdsBackBlank: false,
};

const codeLlama: FimFormat = {
  id: 'codellama',
  // infilling_prompt_tokens with suffix_first=False.
  sourceUrl: 'https://github.com/meta-llama/codellama/blob/main/llama/generation.py',
  requiredTokens: ['\u2581<PRE>', '\u2581<SUF>', '\u2581<MID>'],
  beginTokens: ['<s>'],
  layout: [
    token('\u2581<PRE>'),
    snippets,
    commentedPath,
    prefix,
    token('\u2581<SUF>'),
    suffix,
    token('\u2581<MID>'),
  ],
  snippet: commentedSnippet,
  endOfMiddle: '\u2581<EOT>',
  stopTokens: ['\u2581<PRE>', '\u2581<SUF>', '\u2581<MID>'],
  stopTexts: [],
  holdsBackBlank: false,
};

const codeGemma: FimFormat = {
  id: 'codegemma',
  sourceUrl: 'https://ai.google.dev/gemma/docs/codegemma/prompt-structure',
  requiredTokens: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<|file_separator|>'],
  beginTokens: ['<bos>'],
  layout: [
    token('<|fim_prefix|>'),
    snippets,
    commentedPath,
    prefix,
    token('<|fim_suffix|>'),
    suffix,
    token('<|fim_middle|>'),
  ],
  snippet: commentedSnippet,
  endOfMiddle: '<|file_separator|>',
  stopTokens: ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>', '<eos>', '<end_of_turn>'],
  stopTexts: [],
  holdsBackBlank: false,
};

const smolLm2: FimFormat = {
  id: 'smollm2',
  // Our own, from the tokens of its code pre-training (as StarCoder2): no fill-in-the-middle training, so the suffix
  // is shown first as a part of the same file and the model simply goes on with the prefix.
  sourceUrl: 'https://huggingface.co/HuggingFaceTB/SmolLM2-135M/blob/main/special_tokens_map.json',
  requiredTokens: ['<repo_name>', '<file_sep>'],
  beginTokens: [],
  layout: [
    token('<repo_name>'),
    text('{repoName}'),
    snippets,
    ifSuffix(token('<file_sep>'), text('{path}\n'), suffix),
    token('<file_sep>'),
    text('{path}\n'),
    prefix,
  ],
  snippet: [token('<file_sep>'), text('{path}\n{text}')],
  endOfMiddle: '<|endoftext|>',
  stopTokens: ['<repo_name>', '<file_sep>', '<|im_start|>', '<|im_end|>'],
  stopTexts: [],
  holdsBackBlank: true,
};

/** Any other model: the file goes on where it stops; the suffix cannot be told. */
export const plainFormat: FimFormat = {
  id: 'plain',
  sourceUrl: 'https://arxiv.org/abs/2107.03374',
  requiredTokens: [],
  beginTokens: ['<s>', '<bos>', '<|begin_of_text|>'],
  layout: [snippets, commentedPath, prefix],
  snippet: commentedSnippet,
  endOfMiddle: '<|endoftext|>',
  stopTokens: ['</s>', '<eos>', '<|end_of_text|>', '<|im_start|>', '<|im_end|>'],
  stopTexts: [],
  holdsBackBlank: true,
};

/** In order of preference. */
export const fimFormats: readonly FimFormat[] = [
  qwenCoder,
  starCoder2,
  deepSeekCoder,
  codestral,
  codeLlama,
  codeGemma,
  starCoder,
  smolLm2,
  plainFormat,
];
