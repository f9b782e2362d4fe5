/** Lets a person choose the base model by what it is, and writes the setting; the daemon does the rest. */

import { ConfigurationTarget, Uri, window, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { baseModelChoices, readableSize } from './baseModelChoices.ts';
import { readSetting } from './suggestionSettings.ts';

interface Choice extends QuickPickItem {
  /** The value of `idiom.baseModel`; undefined when the person gave up. */
  readonly ref: () => Promise<string | undefined>;
}

/** `loaded`: name of the model in use, where it is known. */
export async function chooseBaseModel(loaded?: string): Promise<void> {
  const current = readSetting('baseModel', undefined);
  const choice = await window.showQuickPick(choices, {
    title: 'Idiom: Select Model',
    placeHolder:
      loaded === undefined
        ? `Current: ${current}`
        : `Current: ${loaded}${current === 'auto' ? ' (automatic)' : ''}`,
    matchOnDescription: true,
  });
  await useModel(await choice?.ref());
}

/** Lets a person name a GGUF file that is on this machine already. */
export async function chooseModelFile(): Promise<void> {
  await useModel(await pickFile());
}

async function useModel(ref: string | undefined): Promise<void> {
  if (ref === undefined || ref === '') return;
  await workspace.getConfiguration('idiom').update('baseModel', ref, ConfigurationTarget.Global);
}

const choices: readonly Choice[] = [
  {
    label: '$(wand) Automatic',
    description: 'auto',
    detail: 'Selected by the memory and the GPU of this machine.',
    ref: () => Promise.resolve('auto'),
  },
  ...baseModelChoices.map(({ name, ref, downloadBytes, detail }): Choice => ({
    label: `$(package) ${name}`,
    description: `${readableSize(downloadBytes)} to download`,
    detail,
    ref: () => Promise.resolve(ref),
  })),
  {
    label: '$(file) A GGUF file...',
    description: 'path',
    detail: 'A model that is on this machine already.',
    ref: pickFile,
  },
  {
    label: '$(cloud-download) From Hugging Face...',
    description: 'hf:owner/repository/file.gguf',
    detail: 'Downloaded once, after you have agreed.',
    ref: () => ask('hf:', 'owner/repository/file.gguf', /^[\w.-]+\/[\w.-]+\/.+\.gguf$/i),
  },
  {
    label: '$(server-process) From Ollama...',
    description: 'ollama:name',
    detail: 'A model that Ollama on this machine has.',
    ref: () => ask('ollama:', 'qwen2.5-coder:1.5b-base', /^[\w./-]+(:[\w.-]+)?$/),
  },
];

async function pickFile(): Promise<string | undefined> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const files = await window.showOpenDialog({
    title: 'A GGUF file for Idiom',
    filters: { 'GGUF model': ['gguf'], 'All files': ['*'] },
    ...(folder?.scheme === 'file' ? { defaultUri: Uri.file(folder.fsPath) } : {}),
  });
  return files?.[0]?.fsPath;
}

async function ask(scheme: string, example: string, form: RegExp): Promise<string | undefined> {
  const typed = await window.showInputBox({
    title: 'Idiom: Select Model',
    prompt: `For example ${example}`,
    placeHolder: example,
    validateInput: (text) => (form.test(strip(text, scheme)) ? undefined : `It should look like ${example}.`),
  });
  return typed === undefined ? undefined : scheme + strip(typed, scheme);
}

/** People paste the value with or without its scheme. */
function strip(text: string, scheme: string): string {
  const trimmed = text.trim();
  return trimmed.startsWith(scheme) ? trimmed.slice(scheme.length) : trimmed;
}
