/** Shows a report in an editor tab that cannot be edited and is not saved; places in files are links in it. */

import { Disposable, DocumentLink, EventEmitter, languages, Range, Uri, window, workspace } from 'vscode';
import type { TextDocument } from 'vscode';
import { placesIn } from './reportText.ts';

/** documentFilter.ts leaves this scheme out, so that Idiom does not complete its own reports. */
const scheme = 'idiom-report';

export class ReportDocuments implements Disposable {
  readonly #texts = new Map<string, string>();
  /** Path of the report -> the folder that its places are in. */
  readonly #roots = new Map<string, string>();
  readonly #changes = new EventEmitter<Uri>();
  readonly #registration: Disposable;

  constructor() {
    this.#registration = Disposable.from(
      workspace.registerTextDocumentContentProvider(scheme, {
        onDidChange: this.#changes.event,
        provideTextDocumentContent: (uri) => this.#texts.get(uri.path) ?? '',
      }),
      languages.registerDocumentLinkProvider(
        { scheme },
        { provideDocumentLinks: (document) => this.#links(document) },
      ),
    );
  }

  /** Opens the report, or brings the tab of an earlier one up to date. `root`: absolute path that its places are in. */
  async show(title: string, text: string, root?: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `${title}.md` });
    this.#texts.set(uri.path, text);
    if (root === undefined) this.#roots.delete(uri.path);
    else this.#roots.set(uri.path, root);
    this.#changes.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  #links(document: TextDocument): DocumentLink[] {
    const root = this.#roots.get(document.uri.path);
    if (root === undefined) return [];
    return placesIn(document.getText()).map(({ start, end, path, line }) => {
      const target = Uri.joinPath(Uri.file(root), path).with({ fragment: `L${line}` });
      const link = new DocumentLink(new Range(document.positionAt(start), document.positionAt(end)), target);
      link.tooltip = `Open ${path} at line ${line}`;
      return link;
    });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changes.dispose();
  }
}
