/** Shows a report in an editor tab that cannot be edited and is not saved. */

import { EventEmitter, Uri, window, workspace } from 'vscode';
import type { Disposable } from 'vscode';

/** documentFilter.ts leaves this scheme out, so that Idiom does not complete its own reports. */
const scheme = 'idiom-report';

export class ReportDocuments implements Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changes = new EventEmitter<Uri>();
  readonly #registration: Disposable;

  constructor() {
    this.#registration = workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: this.#changes.event,
      provideTextDocumentContent: (uri) => this.#texts.get(uri.path) ?? '',
    });
  }

  /** Opens the report, or brings the tab of an earlier one up to date. */
  async show(title: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `${title}.md` });
    this.#texts.set(uri.path, text);
    this.#changes.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }
}
