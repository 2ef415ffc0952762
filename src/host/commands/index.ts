/** Every command by its id, as declared in package.json. */
import * as vscode from 'vscode';
import { attachTopic } from './attachTopic.ts';
import { cancel } from './cancel.ts';
import { selectPercentile, selectTenant } from './choices.ts';
import { type Command, type CommandContext, reportFailure } from './context.ts';
import { copyLink } from './copyLink.ts';
import { explainParent } from './explainParent.ts';
import { copySummary, exportAnalysis } from './export.ts';
import { clearFilter, filter } from './filter.ts';
import * as graph from './graph.ts';
import { openInHexEditor } from './hexEditor.ts';
import { importNames } from './importNames.ts';
import { checkLimits, setBaseline } from './limits.ts';
import * as live from './live.ts';
import { nameService } from './nameService.ts';
import { openCapture } from './openCapture.ts';
import { openFile } from './openFile.ts';
import { openResult } from './openResult.ts';
import { openSample } from './openSample.ts';
import { openStored } from './openStored.ts';
import { compareSelected, showInOther } from './otherCapture.ts';
import { latencyAtCursor, openRoute, showEndpoint, toggleLenses } from './routes.ts';
import { runAgain } from './runAgain.ts';
import { runOnSpark } from './runOnSpark.ts';
import { runSelected } from './runSelected.ts';
import { savePackets } from './savePackets.ts';
import * as show from './show.ts';
import { clearTimeRange, setTimeRange } from './timeRange.ts';
import * as waterfall from './waterfall.ts';

const commands: Readonly<Record<string, Command>> = {
  openCapture,
  openSample,
  openFile,
  openResult,
  openStored,
  attachTopic,
  detachTopic: live.detachTopic,
  pause: live.pause,
  resume: live.resume,
  rewind: live.rewind,
  freezeWindow: live.freezeWindow,
  runSelected,
  runOnSpark,
  runAgain,
  cancel,
  showGraph: show.showGraph,
  showService: show.showService,
  showCallers: show.showCallers,
  showTransactions: show.showTransactions,
  showSlowest: show.showSlowest,
  showPatterns: show.showPatterns,
  showQuality: show.showQuality,
  showKeys: show.showKeys,
  compare: show.compare,
  compareSelected,
  showInOther,
  focusService: graph.focusService,
  hideService: graph.hideService,
  resetGraph: graph.resetGraph,
  openAsTable: graph.openAsTable,
  setTimeRange,
  clearTimeRange,
  selectPercentile,
  selectTenant,
  criticalPathOnly: waterfall.criticalPathOnly,
  measuredOnly: waterfall.measuredOnly,
  revealPackets: waterfall.revealPackets,
  revealBytes: waterfall.revealBytes,
  copyWiresharkFilter: waterfall.copyWiresharkFilter,
  openInHexEditor,
  revealService: show.revealService,
  revealEdge: show.revealEdge,
  revealTransaction: show.revealTransaction,
  openTransaction: show.openTransaction,
  explainParent,
  filter,
  clearFilter,
  export: exportAnalysis,
  copySummary,
  savePackets,
  nameService,
  importNames,
  checkLimits,
  setBaseline,
  copyLink,
  showEndpoint,
  openRoute,
  latencyAtCursor,
  toggleLenses,
  showLog: ({ log }) => log.show(),
  openWalkthrough: async () => {
    await vscode.commands.executeCommand('workbench.action.openWalkthrough', 'tracenest.tracenest#start', false);
  },
  refreshCaptures: ({ captures }) => captures.refresh(),
  showAllTransactions: ({ transactions }) => transactions.showAll(),
};

export function registerCommands(context: CommandContext): vscode.Disposable {
  const registered = Object.entries(commands).map(([name, command]) =>
    vscode.commands.registerCommand(`tracenest.${name}`, async (...args: unknown[]) => {
      try {
        await command(context, ...args);
      } catch (e) {
        await reportFailure(context, name, e);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
