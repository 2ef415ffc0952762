/** Which URIs are captures, and the virtual URIs of analyses that cover several of them. */
import * as vscode from 'vscode';

export const VIEW_TYPE = 'tracenest.capture';
/** Scheme of analyses that are not one file. Such a URI holds all that is needed to run the analysis again after a restart. */
export const ANALYSIS_SCHEME = 'tracenest-analysis';
export const CAPTURE_GLOB = '**/*.{pcap,pcapng,cap,ntar,pcap.gz,pcapng.gz,cap.gz,ntar.gz,pcap.zst,pcapng.zst,cap.zst,ntar.zst}';
const CAPTURE_NAME = /\.(pcap|pcapng|cap|ntar)(\.gz|\.zst)?$/i;
/** More than this in one analysis is a mistake in a selection, and would make a URI too long to keep. */
export const MAX_CAPTURES = 500;

/** Results of jobs (docs/analysis-result.md) open in the same editor. */
export const isResult = (uri: vscode.Uri): boolean => /\.tracenest\.json$/i.test(uri.path);
export const isCapture = (uri: vscode.Uri): boolean => CAPTURE_NAME.test(uri.path);
/** Last part of the path, as shown in lists. */
export const nameOf = (uri: vscode.Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

/** One analysis over several captures. The order of selection does not matter: the same captures give the same URI. */
export function analysisUri(captures: readonly vscode.Uri[]): vscode.Uri {
  const sorted = [...new Set(captures.map((u) => u.toString()))].sort();
  const first = sorted[0];
  if (first === undefined) throw new RangeError('An analysis needs at least one capture');
  if (sorted.length === 1) return vscode.Uri.parse(first, true);
  const title = vscode.l10n.t('{0} and {1} more', nameOf(vscode.Uri.parse(first, true)), sorted.length - 1);
  return vscode.Uri.from({ scheme: ANALYSIS_SCHEME, path: `/${title}`, query: JSON.stringify({ captures: sorted }) });
}

/** The captures behind a URI; itself when it is a file. Null: it names none, like those of origin.ts, or is damaged. */
export function capturesOf(uri: vscode.Uri): readonly vscode.Uri[] | null {
  if (uri.scheme !== ANALYSIS_SCHEME) return [uri];
  try {
    const query: unknown = JSON.parse(uri.query);
    const list = typeof query === 'object' && query !== null && 'captures' in query ? query.captures : null;
    if (!Array.isArray(list) || list.length === 0 || list.length > MAX_CAPTURES) return null;
    const uris = list.map((s) => vscode.Uri.parse(String(s), true));
    return uris.every((u) => u.scheme !== ANALYSIS_SCHEME) ? uris : null;
  } catch {
    return null;
  }
}
