/** Where a model file lies on the hub, and how one asks for it. Fetches nothing. */

import type { HubRef } from './baseModelRef.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** `HF_ENDPOINT` names a mirror: https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables. */
export function hubUrl(ref: HubRef, env: Env): string {
  const endpoint = (env['HF_ENDPOINT'] ?? '').replace(/\/+$/, '') || 'https://huggingface.co';
  return `${endpoint}/${ref.owner}/${ref.repo}/resolve/main/${ref.file}`;
}

export function hubHeaders(env: Env): Record<string, string> {
  const token = env['HF_TOKEN'];
  return token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
}
