/** Tools for language models: questions about the analysis the user looks at. Nothing is offered where the host has no such API. */
import * as vscode from 'vscode';
import { visibleText } from '../../shared/format.ts';
import type { Analyses, AnalysisPanel } from '../analyses.ts';
import type { PanelContext } from '../panel.ts';
import { comparisonText, type NameOf, servicesText, serviceText, transactionsText, transactionText } from './texts.ts';

type Input = Readonly<Record<string, unknown>>;
interface Tool {
  /** What is asked of the user before it runs, in one sentence. */
  readonly purpose: (input: Input) => string;
  readonly answer: (panel: AnalysisPanel, input: Input, signal: AbortSignal) => Promise<string>;
}
const MAX_TRANSACTIONS = 20;
const MAX_ROWS = 150;

const text = (input: Input, key: string): string => {
  const v = input[key];
  return typeof v === 'string' ? v.trim().slice(0, 500) : '';
};

async function namesOf(panel: AnalysisPanel, signal: AbortSignal): Promise<NameOf> {
  const services = await panel.document.ask('services', { generation: panel.document.snapshot.generation }, signal);
  const names = new Map(services.map((s) => [s.id, s.name]));
  return (id) => names.get(id) ?? 'unknown';
}

const tools = (answers: PanelContext['answers']): Readonly<Record<string, Tool>> => {
  const { t } = vscode.l10n;
  return {
    list_services: {
      purpose: () => t('List the services of the open capture with their latencies.'),
      answer: async ({ document }, _, signal) => {
        const scope = { generation: document.snapshot.generation };
        const [services, edges] = await Promise.all([document.ask('services', scope, signal), document.ask('edges', scope, signal)]);
        const { summary } = document.snapshot;
        if (summary === null) throw new Error('The capture is still being read. Try again in a moment.');
        return servicesText(summary, services, edges);
      },
    },
    get_serviceLatency: {
      purpose: (input) => t('Look up latencies, callers and callees of {0}.', visibleText(text(input, 'service'), 60)),
      answer: async (panel, input, signal) => {
        const { document } = panel;
        const { generation } = document.snapshot;
        const wanted = text(input, 'service');
        const { service } = await document.ask('find', { generation, service: wanted }, signal);
        if (service < 0) {
          const all = await document.ask('services', { generation }, signal);
          const some = all.filter((s) => !s.isClients).map((s) => visibleText(s.name, 60));
          throw new Error(`There is no service "${visibleText(wanted, 60)}". There are: ${some.slice(0, 50).join(', ')}.`);
        }
        const details = await document.ask('subject', { generation, of: { service } }, signal);
        return serviceText(details, await namesOf(panel, signal));
      },
    },
    find_slowTransactions: {
      purpose: (input) => {
        const filter = text(input, 'filter');
        return filter === '' ? t('Find the slowest transactions.') : t('Find the slowest transactions with {0}.', visibleText(filter, 80));
      },
      answer: async (panel, input, signal) => {
        const { document } = panel;
        const { generation } = document.snapshot;
        const filter = text(input, 'filter');
        const limit = Math.max(1, Math.min(MAX_TRANSACTIONS, Math.round(Number(input['limit'] ?? 10)) || 10));
        const scope = { generation, ...(filter !== '' && { filter }) };
        const { error } = await document.ask('filterCheck', scope, signal);
        if (error)
          throw new Error(
            `The filter is not understood at character ${error.at + 1}: ${error.text}. Example: service:orders status:5xx duration>200ms`,
          );
        const page = await document.ask('transactions', { ...scope, offset: 0, limit, sort: 'duration', descending: true }, signal);
        return transactionsText(page.total, page.rows, await namesOf(panel, signal), panel.document.snapshot.summary?.kept !== undefined);
      },
    },
    explain_packetTransaction: {
      purpose: (input) => t('Show the calls of transaction {0}.', visibleText(text(input, 'transaction'), 40)),
      answer: async (panel, input, signal) => {
        const { document } = panel;
        const { generation } = document.snapshot;
        const { trace } = await document.ask('find', { generation, trace: text(input, 'transaction') }, signal);
        if (trace < 0)
          throw new Error('There is no transaction with this id. find_slowTransactions gives ids of transactions of this capture.');
        const [details, slice] = await Promise.all([
          document.ask('transaction', { generation, trace }, signal),
          document.ask('waterfall', { generation, trace, firstRow: 0, rows: MAX_ROWS, collapsed: [] }, signal),
        ]);
        return transactionText(details, slice, await namesOf(panel, signal));
      },
    },
    compare_packetCaptures: {
      purpose: (input) => t('Compare the open capture with {0}.', visibleText(text(input, 'before'), 80)),
      answer: async ({ document }, input, signal) => {
        const own = answers(document);
        const captures = await own.captures({}, signal);
        const wanted = text(input, 'before');
        const found = captures.find((c) => c.name === wanted) ?? captures.find((c) => wanted !== '' && c.name.endsWith(`/${wanted}`));
        if (!found)
          throw new Error(
            `There is no capture "${visibleText(wanted, 80)}". There are: ${captures
              .slice(0, 40)
              .map((c) => visibleText(c.name, 80))
              .join(', ')}.`,
          );
        return comparisonText(await own.compare({ generation: document.snapshot.generation, with: found.uri }, signal));
      },
    },
  };
};

export function registerTools(analyses: Analyses, answers: PanelContext['answers']): vscode.Disposable {
  // Editors made from VS Code's sources may lack it.
  const lm = vscode.lm as typeof vscode.lm | undefined;
  if (typeof lm?.registerTool !== 'function') return vscode.Disposable.from();
  return vscode.Disposable.from(
    ...Object.entries(tools(answers)).map(([name, tool]) => lm.registerTool(name, implementation(analyses, tool))),
  );
}

const implementation = (analyses: Analyses, tool: Tool): vscode.LanguageModelTool<Input> => ({
  prepareInvocation: ({ input }) => ({
    invocationMessage: tool.purpose(input ?? {}),
    confirmationMessages: {
      title: vscode.l10n.t('Read the open packet capture'),
      message: vscode.l10n.t(
        '{0} Names, endpoints and times of calls are given to the language model; headers and bodies are not.',
        tool.purpose(input ?? {}),
      ),
    },
  }),
  invoke: async ({ input }, token) => {
    const panel = analyses.current;
    if (!panel?.document.hasResults)
      throw new Error(
        'No capture is open in Tracenest, or it is still being read. Ask the user to open a capture (*.pcap, *.pcapng) first.',
      );
    const controller = new AbortController();
    const subscription = token.onCancellationRequested(() => controller.abort());
    try {
      const answer = await tool.answer(panel, input ?? {}, controller.signal);
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(answer)]);
    } finally {
      subscription.dispose();
    }
  },
});
