/** Between source and observation: an endpoint's latency from its route, the route from an endpoint. */

import * as vscode from 'vscode';
import { visibleText } from '../../shared/format.ts';
import { inform } from '../messages.ts';
import { SECTION } from '../settings.ts';
import { type Command, Expected, textOf, withResults } from './context.ts';

/** From a lens: the service that answers, at its endpoints. */
export const showEndpoint: Command = async (context, arg) => {
  const panel = withResults(context);
  const { generation } = panel.document.snapshot;
  const { service } = await panel.document.ask('find', { generation, service: textOf(arg, 'service') ?? '' });
  if (service < 0) throw new Expected(vscode.l10n.t('The analysis has no such service any more.'));
  panel.reveal({ view: 'service', service, tab: 'endpoints' });
};

/** Open Route in Source: from an endpoint in the editor or the Services view. */
export const openRoute: Command = async (context, arg) => {
  const item = typeof arg === 'object' && arg !== null && 'row' in arg ? (arg as { row: unknown; service?: unknown }) : null;
  const endpoint = textOf(item?.row ?? arg, 'endpoint');
  const service = item ? textOf(item.service, 'name') : textOf(arg, 'service');
  if (endpoint === undefined) throw new Expected(vscode.l10n.t('Choose an endpoint of a service first.'));
  if (!vscode.workspace.isTrusted) throw new Expected(vscode.l10n.t('Sources are searched only in trusted folders.'));
  const places = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Looking for the route of {0}', visibleText(endpoint, 80)),
      cancellable: true,
    },
    (_, token) => context.lenses.routesOf(service ?? '', endpoint, token),
  );
  if (places.length === 0) throw new Expected(vscode.l10n.t('No route in this workspace answers {0}.', visibleText(endpoint, 80)));
  const place = places.length === 1 ? places[0] : await choose(places);
  if (place) await vscode.window.showTextDocument(place.uri, { selection: place.range });
};

async function choose(places: readonly vscode.Location[]): Promise<vscode.Location | undefined> {
  const items = places.map((place) => ({
    label: `$(symbol-method) ${vscode.workspace.asRelativePath(place.uri)}`,
    description: vscode.l10n.t('line {0}', place.range.start.line + 1),
    place,
  }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Open Route in Source') }))?.place;
}

export const toggleLenses: Command = async () => {
  const config = vscode.workspace.getConfiguration(SECTION);
  await config.update('lenses.enabled', config.get<unknown>('lenses.enabled') === false, vscode.ConfigurationTarget.Global);
};

/** Show Latency of Endpoint at Cursor: of the route definition the cursor is in, or the last one above it. */
export const latencyAtCursor: Command = async (context) => {
  withResults(context);
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw new Expected(vscode.l10n.t('Put the cursor on a route in a source file first.'));
  const observed = await context.lenses.at(editor.document, editor.selection.active);
  if (observed === undefined) throw new Expected(vscode.l10n.t('The capture saw no request of a route at or above the cursor.'));
  const show = vscode.l10n.t('Show');
  const text = `${visibleText(observed.endpoint, 80)}: ${observed.title}`;
  if ((await inform(text, show)) === show) await showEndpoint(context, observed);
};
