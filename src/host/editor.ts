/** The analysis editor: captures, and analyses over several of them, open in it. */
import type * as vscode from 'vscode';
import type { Analyses } from './analyses.ts';
import { AnalysisDocument, type DocumentContext } from './document.ts';
import { Panel, type PanelContext } from './panel.ts';

export class AnalysisEditor implements vscode.CustomReadonlyEditorProvider<AnalysisDocument> {
  private readonly analyses: Analyses;
  private readonly documents: DocumentContext;
  private readonly panels: PanelContext;

  constructor(analyses: Analyses, documents: DocumentContext, panels: PanelContext) {
    this.analyses = analyses;
    this.documents = documents;
    this.panels = panels;
  }

  /** VS Code asks once per URI, however many editors show it, and disposes the document with the last of them. */
  openCustomDocument(uri: vscode.Uri): AnalysisDocument {
    const document = new AnalysisDocument(uri, this.documents);
    this.analyses.addDocument(document);
    document.onDidDispose(() => this.analyses.removeDocument(document));
    return document;
  }

  resolveCustomEditor(document: AnalysisDocument, view: vscode.WebviewPanel): void {
    new Panel(document, view, this.panels);
  }
}
